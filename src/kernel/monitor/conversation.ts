/** Conversations as everybody else knows them: declared, compiled for one end, and watched. */
export { conversation, type Conversation } from './conversation-declaration.ts'
export { ConversationMonitor, type Monitor } from './conversation-monitor.ts'
export { planConversation, type ConversationPlan } from './conversation-plan.ts'

import { ledgerContract } from '../../../test/support/ledger-contract.ts'
import { MemoryLedger } from './memory-ledger.ts'

ledgerContract('MemoryLedger', () => new MemoryLedger())

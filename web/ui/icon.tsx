/** Line drawings on a grid of 24, as path data. */
const paths = {
  apps: 'M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM16.5 13.5v6m-3-3h6',
  back: 'M19 12H5m6-6-6 6 6 6',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6 6 18',
  chart: 'M4 19h16M6.5 15.5v-4m5.5 4v-9m5.5 9v-6',
  copy: 'M9 9h9.5a1 1 0 0 1 1 1v9.5a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1ZM15.5 9V5.5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1V15a1 1 0 0 0 1 1h3',
  desktop: 'M4 5h16v11H4zM12 16v4m-4 0h8',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6',
  fullscreen: 'M4 9V4.5h4.5M20 9V4.5h-4.5M4 15v4.5h4.5M20 15v4.5h-4.5',
  'fullscreen-exit': 'M8.5 4v4.5H4M15.5 4v4.5H20M8.5 20v-4.5H4m11.5 4.5v-4.5H20',
  gamepad:
    'M7.5 7.5h9a4.5 4.5 0 0 1 4.4 5.4l-.7 3.4a2.3 2.3 0 0 1-4 1.1L14 15h-4l-2.2 2.4a2.3 2.3 0 0 1-4-1.1l-.7-3.4a4.5 4.5 0 0 1 4.4-5.4ZM8.3 10v3M6.8 11.5h3M15 10.5h.01M17 12.5h.01',
  trash: 'M5 7h14M10 7V4.5h4V7m3 0-.8 12.5H7.8L7 7m3.5 3.5v6m3-6v6',
  game: 'M7.5 8h9a4 4 0 0 1 4 4.4l-.4 3.6a2 2 0 0 1-3.6.9L14.8 15H9.2l-1.7 1.9a2 2 0 0 1-3.6-.9l-.4-3.6A4 4 0 0 1 7.5 8M8 10.5v3M6.5 12h3m5.5-.7h.01m1.99 1.4h.01',
  globe:
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M3.8 9.5h16.4M3.8 14.5h16.4M12 3.5c-5 5-5 12 0 17m0-17c5 5 5 12 0 17',
  hand: 'M8 13V6.2a1.4 1.4 0 0 1 2.8 0V11V4.9a1.4 1.4 0 0 1 2.8 0V11V6.2a1.4 1.4 0 0 1 2.8 0v7.3c0 4-2.2 6.5-5.6 6.5-2.6 0-4-1-5.2-3l-2-3.6a1.4 1.4 0 0 1 2.4-1.4Z',
  keyboard: 'M3.5 6.5h17v11h-17zM7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M8 14h8',
  lines: 'M5 6.5h14M5 12h14M5 17.5h8.5',
  lock: 'M6.5 11h11v8.5h-11zM9 11V8a3 3 0 0 1 6 0v3',
  people:
    'M9 5a3.2 3.2 0 1 1 0 6.4A3.2 3.2 0 0 1 9 5M2.8 18.8c.5-3 3-4.6 6.2-4.6s5.7 1.6 6.2 4.6M16 5.4a3 3 0 0 1 0 5.6m2.2 3.6c1.7.7 2.8 2.1 3.1 4.2',
  person: 'M12 4.5a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2M5 19.5c.6-3.4 3.4-5.2 7-5.2s6.4 1.8 7 5.2',
  pattern: 'M4 5h16v14H4zM8 5v14m4-14v14m4-14v14',
  play: 'M8 5.5v13l10.5-6.5z',
  plus: 'M12 5v14M5 12h14',
  pointer: 'M5.5 4.5 18 10.2l-5.2 1.9-2 5.3zM13 13l5.5 5.5',
  power: 'M12 4v7.5M7.2 6.8a7 7 0 1 0 9.6 0',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15',
  share: 'M12 15V4m-4 3.5L12 4l4 3.5M6 11.5v7a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1v-7',
  sliders:
    'M4 8h8m4 0h4M14 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4M4 16h2m4 0h10M8 13.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4',
  terminal: 'M4 5h16v14H4zM7.5 9.5 10 12l-2.5 2.5m5 0H16',
  'volume-off': 'M11 5.5 6.8 9H4v6h2.8L11 18.5zM15.5 9.8l4.5 4.5m0-4.5-4.5 4.5',
  volume: 'M11 5.5 6.8 9H4v6h2.8L11 18.5zM14.5 9.2a4 4 0 0 1 0 5.6m2.4-8a7.4 7.4 0 0 1 0 10.4',
  warning: 'M12 4.5 21 19.5H3zM12 10v4.2m0 2.5v.01',
  window: 'M5 4h14v16H5zM12 4v16M5 12h14',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}

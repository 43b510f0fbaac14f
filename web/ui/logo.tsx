/** The lamp by the door. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path class="logo-frame" d="M16 2.6v3" />
      <path class="logo-roof" d="M13 6.4h6l3.4 4.4H9.6z" />
      <path class="logo-glass" d="M10.8 13.2h10.4l-1.5 11H12.3z" />
      <path class="logo-flame" d="M16 15.6c1.7 1.9 2 3 2 3.9a2 2 0 0 1-4 0c0-.9.3-2 2-3.9Z" />
      <path class="logo-frame" d="M11.8 27h8.4" />
    </svg>
  )
}

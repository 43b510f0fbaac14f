/** The lamp by the door. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <circle class="logo-glow" cx="16" cy="18.5" r="11" />
      <path class="logo-roof" d="M16 3.5V7M11 9.5h10l2.2 3.2H8.8z" />
      <path class="logo-glass" d="M10.2 13.6h11.6l-1.7 11.2h-8.2z" />
      <path class="logo-foot" d="M12 27.2h8" />
    </svg>
  )
}

/**
 * The X keycode of each physical key: the evdev code of the Linux kernel (input-event-codes.h) plus 8. The names are
 * those of UI Events KeyboardEvent code values (W3C), which name the same places on the keyboard.
 */
export const keycodes: ReadonlyMap<string, number> = new Map(
  Object.entries({
    Escape: 9,
    ...row(10, 'Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace'),
    ...row(23, 'Tab KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter'),
    ...row(37, 'ControlLeft KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backquote'),
    ...row(50, 'ShiftLeft Backslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight'),
    ...row(63, 'NumpadMultiply AltLeft Space CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock'),
    ...row(79, 'Numpad7 Numpad8 Numpad9 NumpadSubtract Numpad4 Numpad5 Numpad6 NumpadAdd'),
    ...row(87, 'Numpad1 Numpad2 Numpad3 Numpad0 NumpadDecimal'),
    ...row(93, 'Lang5 IntlBackslash F11 F12 IntlRo Lang3 Lang4 Convert KanaMode NonConvert'),
    ...row(104, 'NumpadEnter ControlRight NumpadDivide PrintScreen AltRight'),
    ...row(110, 'Home ArrowUp PageUp ArrowLeft ArrowRight End ArrowDown PageDown Insert Delete'),
    ...row(121, 'AudioVolumeMute AudioVolumeDown AudioVolumeUp Power NumpadEqual'),
    ...row(127, 'Pause'),
    ...row(129, 'NumpadComma Lang1 Lang2 IntlYen MetaLeft MetaRight ContextMenu'),
    ...row(136, 'BrowserStop Again Props Undo Select Copy Open Paste Find Cut Help'),
    ...row(148, 'LaunchApp2'),
    ...row(150, 'Sleep WakeUp LaunchApp1'),
    ...row(163, 'LaunchMail BrowserFavorites'),
    ...row(166, 'BrowserBack BrowserForward'),
    ...row(169, 'Eject'),
    ...row(171, 'MediaTrackNext MediaPlayPause MediaTrackPrevious MediaStop'),
    ...row(179, 'MediaSelect BrowserHome BrowserRefresh'),
    ...row(187, 'NumpadParenLeft NumpadParenRight'),
    ...row(191, 'F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24'),
    ...row(225, 'BrowserSearch'),
    // Names that older browsers use for the same keys.
    VolumeMute: 121,
    VolumeDown: 122,
    VolumeUp: 123,
    OSLeft: 133,
    OSRight: 134,
  }),
)

/** Keys whose keycodes follow one another. */
function row(first: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code, index) => [code, first + index]))
}

/**
 * Test vectors of Noise, all bytes in hexadecimal: the handshakes that the native transport and members of parties use, out of `vectors/cacophony.txt` of
 * github.com/haskell-cryptography/cacophony at 8ee9d41e34a1 (public domain). Behind the handshake, the two ends go on taking turns.
 */
export const noiseKeys = {
  prologue: '4a6f686e2047616c74',
  initiator: {
    own: 'e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1',
    ephemeral: '893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a',
  },
  responder: {
    own: '4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893',
    ephemeral: 'bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b',
  },
  responderPublic: '31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62',
} as const

/** What both ends were given before, where the pattern has it. */
export const noisePsk = '54686973206973206d7920417573747269616e20706572737065637469766521'

export const noiseVectors = [
  {
    pattern: 'IK',
    psk: undefined,
    handshakeHash: '48f3cb8bc9319da4ba1e9933991b1c4ed4034f1f126a76d3a1fbcfd7f94248d4',
    messages: [
      {
        payload: '4c756477696720766f6e204d69736573',
        ciphertext:
          'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79440b03ddc7aac5123d06a1b23b71670e32e76c28239a7ca4ac8f784de7e44c1adbfc6e83fef7352a58d9d56157400c0a737b1d171ce368229c7b752ac25b8faf4eca690f6d896f543be02c996ab2b86b76',
      },
      {
        payload: '4d757272617920526f746862617264',
        ciphertext:
          '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843d9b5a8927f0ac9655ef76833bc7e5561f42e691ac8404efd6fbd6308b6a27c',
      },
      {
        payload: '462e20412e20486179656b',
        ciphertext: '2c256ed08fcd08c2980f954ee4beaccb61c9581340f5dd2fd1cf3b',
      },
      {
        payload: '4361726c204d656e676572',
        ciphertext: 'd6033f70eee20945c7c9dba304e397ee3b284ff5e00fd9efb095d3',
      },
      {
        payload: '4a65616e2d426170746973746520536179',
        ciphertext: 'a9c068ca5d8babf72560652d8e851adbfac35c8a66e810d560863173e96adf4cfe',
      },
      {
        payload: '457567656e2042f6686d20766f6e2042617765726b',
        ciphertext: '2a09d8f459e5927e40fdd2eddc99bdafb04e13a26f145cb5cfe9e6ba34c94331ebc17d5156',
      },
    ],
  },
  {
    pattern: 'XX',
    psk: undefined,
    handshakeHash: '6c4c56cf71612f72d05ceb96c0155e6f4ea54a26b504c93de632a2db4a49d200',
    messages: [
      {
        payload: '4c756477696720766f6e204d69736573',
        ciphertext: 'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573',
      },
      {
        payload: '4d757272617920526f746862617264',
        ciphertext:
          '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088437c365eb362a1c991b0557fe8a7fb187d99346765d93ec63db6c1b01504ebeec55a2298d2dbff80eff034d20595153f63a196a6cead1e11b2bb13e336fa13616dd3e8b0a070c882ed3f1a78c7c06c93',
      },
      {
        payload: '462e20412e20486179656b',
        ciphertext:
          '46c3307de83b014258717d97781c1f50936d8b7d50c0722a1739654d10392d415b670c114f79b9a4f80541570f77ce88802efa4220cff733e7b5668ba38059ec904b4b8eef9448085faf51',
      },
      {
        payload: '4361726c204d656e676572',
        ciphertext: 'd5e83adfaac5dc324a68f1862df54549e56d209fba707205f328b2',
      },
      {
        payload: '4a65616e2d426170746973746520536179',
        ciphertext: 'd102c9029b1f55c788f561ba7737afbccef9c9f1bf2f238167fd40ba9c1c134867',
      },
      {
        payload: '457567656e2042f6686d20766f6e2042617765726b',
        ciphertext: 'cb1ce80960382c6d5d5e740ffb724d1432f0310b200fb6f8424120f506092744baa415e155',
      },
    ],
  },
  {
    pattern: 'IK',
    psk: noisePsk,
    handshakeHash: 'f5191b875290abcd41347ac3622d9679688a7e980229cb937ef748336cfde0e5',
    messages: [
      {
        payload: '4c756477696720766f6e204d69736573',
        ciphertext:
          'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944001e21de9f98ddd8e2ad57527207feb56253c9c94a9e496782ecfcb2a75fbcaf1b52948cc48daefe660c62119ab5000980c84831215f2441eba616548e832985464cf17e51ee93109008399a21f7e13f',
      },
      {
        payload: '4d757272617920526f746862617264',
        ciphertext:
          '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843cb765f2caef0751b8f007572dab0322217755c0632f365717edbf34d33e87a',
      },
      { payload: '462e20412e20486179656b', ciphertext: '8153ca9833bc3c1b91a7e66e5f4d4f5b59bf9e64c2f20d15f0bba7' },
      { payload: '4361726c204d656e676572', ciphertext: '07af0c9c86e1b4e80f36b04ff7688d51141af3debd0332f0a705ef' },
      {
        payload: '4a65616e2d426170746973746520536179',
        ciphertext: '6ab1467c0448cc78394494abaaf23afce0e234315d6e2624dcbfa8a21c1c4d073d',
      },
      {
        payload: '457567656e2042f6686d20766f6e2042617765726b',
        ciphertext: 'dfc346c0d2296ae6cf1acf6f12b8456a1dba228cf8d8b774aacf1c47fc53aa80ebc7a4c292',
      },
    ],
  },
] as const

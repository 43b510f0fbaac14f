/** Parity of known data, of the code that Moonlight's clients use: `family:pieces+rows x bytes`. */
export const knownParity: Readonly<Record<string, readonly string[]>> = {
  'video:1+2x16': ['1e2fce5a062f634702df2036c56b1ef3', '14c17f6c04c1427af761cb2486b914a2'],
  'video:4+2x16': ['7a8338a7f03d9ad5df9bd2c225dc8dcf', '870d22a77f9fec24ceb812c6f06cc0b3'],
  'video:10+2x16': ['4459fdad34f72e0da6a6dd58d5562f17', '3587dbe714338bac5b9779e0b99972d3'],
  'video:17+4x32': [
    '4dfd566e29088a79bd85e77079ba6489ba514f7d02b0dbf002b6f1649dab6867',
    '2396ca00687023b1db5ac9d9862683e826493de84ca1cc9600d133233ce7e03c',
    '39c89a9c1a69da48e6676bcd51f33e963908be41b14ad082c57be6fbbfcaf45f',
    'fceb9fe3e40f6b2d6260333b13851e54c4eafe2649e59508f1aa3f343c675f5a',
  ],
  'video:50+10x16': [
    '81d554d58f73bddc94779398c41960d6',
    '8fadaab86a6dd7a378a934cb3047a09c',
    '3aaa5030e1b0abc7348762b6fdaefe39',
    '5550a58693db5763fd70126d63a31616',
    '6165ed0964e0b5d0e3c0f02dd4ee2234',
    'c3d5a1916bee9bfea3d00452a7b3f40b',
    '8c01a0c7cefbcff83b6c873611a46b71',
    '565552940a385e557dfc5937692e823f',
    'bfdd884a774dae6c727c7f2dc157f2ab',
    'b627e5331e153cf3da851368726adafb',
  ],
  'audio:4+2x16': ['62be78483ec0da5dd418ee56aa73caf0', 'e72c9c36f0fbcca2e37318c296b7de27'],
}

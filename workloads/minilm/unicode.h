// What becomes of a code point before words are split: the composed effect of BERT's text cleaning, CJK spacing,
// NFD, removal of nonspacing marks, lower-casing and punctuation splitting.
#ifndef INFERNET_UNICODE_H
#define INFERNET_UNICODE_H

#include "../common/types.h"

// KEEP: part of a word. ISOLATE: a word of its own (punctuation, CJK). DROP: vanishes, joining its neighbours.
// SPACE: ends a word. From FIRST_MAP on: replaced by the three places of
// unicode_maps from 3 * (value - FIRST_MAP).
enum { UNICODE_KEEP, UNICODE_ISOLATE, UNICODE_DROP, UNICODE_SPACE, UNICODE_FIRST_MAP };

enum { UNICODE_BLOCK = 64 };

// Two-stage table: values[index[c / 64] * 64 + c % 64].
extern const u8 unicode_index[];
extern const u16 unicode_values[];
// Up to three code points, filled up with 0. They are KEEP or ISOLATE themselves.
extern const u32 unicode_maps[];

static inline u32 unicode_value(u32 c) {
  return unicode_values[unicode_index[c / UNICODE_BLOCK] * UNICODE_BLOCK + c % UNICODE_BLOCK];
}

// Canonical decomposition of a Hangul syllable (Unicode 3.12) into two or three jamo; 0 when c is none.
static inline u32 hangul_jamo(u32 c, u32 jamo[3]) {
  enum { S = 0xac00, L = 0x1100, V = 0x1161, T = 0x11a7, T_COUNT = 28, N_COUNT = 588, S_COUNT = 11172 };
  if (c < S || c >= S + S_COUNT) return 0;
  u32 s = c - S;
  jamo[0] = L + s / N_COUNT;
  jamo[1] = V + s % N_COUNT / T_COUNT;
  jamo[2] = T + s % T_COUNT;
  return jamo[2] == T ? 2 : 3;
}

#endif

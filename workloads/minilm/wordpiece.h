// One word, and its greedy split into the longest vocabulary pieces.
#ifndef INFERNET_WORDPIECE_H
#define INFERNET_WORDPIECE_H

#include "model_file.h"

// A word of more characters is unknown as a whole.
enum { WORD_CHARS = 100 };

typedef struct {
  u8 bytes[WORD_CHARS * 4];
  u32 length;
  u32 chars;  // counts on beyond WORD_CHARS, the bytes do not
} word;

void word_clear(word *w);
void word_append(word *w, u32 code_point);

// Longest match first; one [UNK] when some part has no match. Returns the number of pieces, 0 for an empty word.
u32 word_pieces(const word *w, u16 pieces[WORD_CHARS]);

#endif

#include "embedding.h"

#include "../common/io.h"

// A text has few distinct words out of 30,522: reading their rows alone saves half of the model file.
enum { CACHED_ROWS = 4096, ABSENT = 0 };

static float rows[CACHED_ROWS][WIDTH];
static u16 row_of[VOCAB_SIZE];  // 1 + place in rows
static u16 token_of[CACHED_ROWS];
static u32 reads;

const float *word_embedding(i32 model_fd, u32 id) {
  if (row_of[id] == ABSENT) {
    u32 place = reads++ % CACHED_ROWS;  // the oldest goes first
    if (reads > CACHED_ROWS) row_of[token_of[place]] = ABSENT;
    read_model(model_fd, rows[place], ROW_BYTES, WORDS_AT + (u64)id * ROW_BYTES);
    token_of[place] = (u16)id;
    row_of[id] = (u16)(place + 1);
  }
  return rows[row_of[id] - 1];
}

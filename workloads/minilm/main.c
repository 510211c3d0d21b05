// all-MiniLM-L6-v2 as a WASI command: {"text":"…"} lines in, {"embedding":"…","tokens":n} lines out.
// Texts are encoded together up to BATCH_ROWS tokens; results do not depend on how they are grouped.
#include "../common/base64.h"
#include "../common/io.h"
#include "embedding.h"
#include "encoder.h"
#include "tokenizer.h"

enum { MAX_ITEMS = 2 * BATCH_TEXTS, EMBEDDING_CHARS = WIDTH * sizeof(float) / 3 * 4 };

static i32 model_fd;
static float embeddings[BATCH_TEXTS][WIDTH];

// Lines that wait for their batch: tokens[i] of item i, 0 for an item that was not understood.
static struct {
  u32 tokens[MAX_ITEMS], items;
  u32 lengths[BATCH_TEXTS], texts;
  u32 rows;
} batch;

static void put_embedding(const float *embedding, u32 tokens) {
  static u8 encoded[EMBEDDING_CHARS];
  put_text("{\"embedding\":\"");
  put_bytes(encoded, base64((const u8 *)embedding, WIDTH * sizeof(float), encoded));
  put_text("\",\"tokens\":");
  put_number(tokens);
  put_text("}\n");
}

static void finish_batch(void) {
  if (batch.texts > 0) encode(batch.lengths, batch.texts, embeddings);
  for (u32 item = 0, text = 0; item < batch.items; item++) {
    if (batch.tokens[item] > 0) put_embedding(embeddings[text++], batch.tokens[item]);
    else put_bad_input();
  }
  batch.items = batch.texts = batch.rows = 0;
}

static void add_text(const u16 *ids, u32 tokens) {
  if (batch.rows + tokens > BATCH_ROWS || batch.items == MAX_ITEMS) finish_batch();
  for (u32 i = 0; i < tokens; i++) {
    const float *from = word_embedding(model_fd, ids[i]);
    float *to = encoder_row(batch.rows++);
    for (u32 k = 0; k < WIDTH; k++) to[k] = from[k];
  }
  batch.lengths[batch.texts++] = tokens;
  batch.tokens[batch.items++] = tokens;
}

static void add_bad_input(void) {
  if (batch.items == MAX_ITEMS) finish_batch();
  batch.tokens[batch.items++] = 0;
}

static void add_line(const u8 *line, u32 length) {
  static u16 ids[MAX_TOKENS];
  json_span value, text;
  if (json_member(line, length, "text", &value) && json_string(value, &text)) add_text(ids, tokenize(text, ids));
  else add_bad_input();
}

void _start(void) {
  const u8 *line;
  u32 length;
  line_kind kind;
  model_fd = open_model("minilm.bin");
  load_vocab(model_fd);
  load_encoder(model_fd);
  while ((kind = read_line(&line, &length)) != LINE_END) {
    if (kind == LINE_OK) add_line(line, length);
    else add_bad_input();
  }
  finish_batch();
  flush_output();
}

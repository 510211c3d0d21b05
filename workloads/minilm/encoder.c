#include "encoder.h"

#include "../common/io.h"
#include "attention.h"

static model_encoder model;
static block state, context, change, qkv[3], inner[INNER / WIDTH];

void load_encoder(i32 model_fd) { read_model(model_fd, &model, sizeof model, ENCODER_AT); }

float *encoder_row(u32 row) { return state[row]; }

// Adds position embeddings and normalises; clears the rows that only fill up the last tile.
static u32 embed(const u32 *lengths, u32 texts) {
  u32 row = 0;
  for (u32 t = 0; t < texts; t++)
    for (u32 at = 0; at < lengths[t]; at++, row++)
      for (u32 i = 0; i < WIDTH; i++) state[row][i] += model.position[at][i];
  normalise(&state, 0, &model.embedding_norm, row);
  for (u32 fill = row; fill < row + TILE; fill++)
    for (u32 i = 0; i < WIDTH; i++) state[fill][i] = context[fill][i] = 0;
  return row;
}

static void run_layer(const model_layer *layer, const u32 *lengths, u32 texts, u32 rows) {
  dense(&state, 1, layer->qkv_weight, layer->qkv_bias, qkv, 3, rows);
  for (u32 t = 0, row = 0; t < texts; row += lengths[t++])
    attend(qkv[0][row], qkv[1][row], qkv[2][row], lengths[t], context[row]);
  dense(&context, 1, layer->merge_weight, layer->merge_bias, &change, 1, rows);
  normalise(&state, &change, &layer->attention_norm, rows);
  dense(&state, 1, layer->up_weight, layer->up_bias, inner, INNER / WIDTH, rows);
  activate(inner, INNER / WIDTH, rows);
  dense(inner, INNER / WIDTH, layer->down_weight, layer->down_bias, &change, 1, rows);
  normalise(&state, &change, &layer->output_norm, rows);
}

// The mean over a text's rows, scaled to length 1.
static void pool(const float (*rows)[WIDTH], u32 length, float *embedding) {
  f4 square = f4_splat(0), count = f4_splat((float)length);
  for (u32 i = 0; i < WIDTH; i += 4) {
    f4 sum = f4_load(&rows[0][i]);
    for (u32 r = 1; r < length; r++) sum = f4_add(sum, f4_load(&rows[r][i]));
    sum = f4_div(sum, count);
    square = f4_mul_add(square, sum, sum);
    f4_store(embedding + i, sum);
  }
  f4 norm = f4_splat(__builtin_sqrtf(f4_sum(square)));
  for (u32 i = 0; i < WIDTH; i += 4) f4_store(embedding + i, f4_div(f4_load(embedding + i), norm));
}

void encode(const u32 *lengths, u32 texts, float (*embeddings)[WIDTH]) {
  u32 rows = embed(lengths, texts);
  for (u32 l = 0; l < LAYERS; l++) run_layer(&model.layers[l], lengths, texts, rows);
  for (u32 t = 0, row = 0; t < texts; row += lengths[t++]) pool(state + row, lengths[t], embeddings[t]);
}

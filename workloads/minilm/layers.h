// What a transformer layer does to all rows alike. Activations lie in blocks of WIDTH columns, each block with its rows
// one after another, so that every matrix product has the same shape.
#ifndef INFERNET_LAYERS_H
#define INFERNET_LAYERS_H

#include "matmul.h"

enum {
  // Rows (tokens of all texts together) that are computed at once: a full text fits, and the weights pass the caches
  // once for all of them.
  BATCH_ROWS = MAX_TOKENS,
  ROWS = BATCH_ROWS + TILE,
};

typedef float block[ROWS][WIDTH];

// out = in · weight + bias for `inputs` and `outputs` blocks of columns.
void dense(const block *in, u32 inputs, const float *weight, const float *bias, block *out, u32 outputs, u32 rows);

// rows = layer normalisation of rows, or of rows + added (the residual connection) where `added` is not null.
void normalise(block *rows, const block *added, const model_norm *norm, u32 count);

// GELU in place.
void activate(block *blocks, u32 count, u32 rows);

#endif

// What a transformer layer does to all rows alike.
#ifndef INFERNET_LAYERS_H
#define INFERNET_LAYERS_H

#include "matmul.h"

// Layer normalisation in place, row by row.
void normalise(float *rows, u32 count, const model_norm *norm);

void dense_qkv(const float *in, const model_layer *layer, float *out, u32 rows);
// Adds to what stands in `out` (the residual connection).
void dense_merge(const float *in, const model_layer *layer, float *out, u32 rows);
// Applies GELU.
void dense_up(const float *in, const model_layer *layer, float *out, u32 rows);
// Adds to what stands in `out` (the residual connection).
void dense_down(const float *in, const model_layer *layer, float *out, u32 rows);

#endif

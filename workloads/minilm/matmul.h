// Matrix products against a right side in panels of 8 columns (see model_file.h).
#ifndef INFERNET_MATMUL_H
#define INFERNET_MATMUL_H

#include "../common/types.h"
#include "math.h"
#include "model_file.h"

// Rows are computed in tiles of this many; buffers must have room for the rows that fill up the last tile.
enum { TILE = 4 };

typedef struct {
  f4 left[TILE], right[TILE];  // columns 0–3 and 4–7 of each row
} tile;

// out = start + Σ_k in[row][k] · panel[k], k ascending, product and sum rounded: one order for every element,
// whatever the number of rows, so a result does not depend on what is computed beside it.
// `stride` is the distance of the rows of `in`.
static inline __attribute__((always_inline)) tile multiply_tile(const float *in, u32 stride, const float *panel, u32 inputs,
                                                                f4 start_left, f4 start_right) {
  tile t;
  for (u32 r = 0; r < TILE; r++) {
    t.left[r] = start_left;
    t.right[r] = start_right;
  }
#pragma clang loop unroll_count(4)
  for (u32 k = 0; k < inputs; k++) {
    f4 left = f4_load(panel + k * PANEL), right = f4_load(panel + k * PANEL + 4);
    for (u32 r = 0; r < TILE; r++) {
      f4 x = f4_load_splat(in + r * stride + k);
      t.left[r] = f4_mul_add(t.left[r], x, left);
      t.right[r] = f4_mul_add(t.right[r], x, right);
    }
  }
  return t;
}

#endif

// Matrix products against a right side in panels of 8 columns (see model_file.h).
#ifndef INFERNET_MATMUL_H
#define INFERNET_MATMUL_H

#include "../common/types.h"
#include "math.h"
#include "model_file.h"

// Rows are computed in tiles of this many; buffers must have room for the rows that fill up the last tile.
// 5 × 8 numbers keep ten accumulators, two weights and two temporaries in the 15 vector registers that V8 has.
enum { TILE = 5 };

typedef struct {
  f4 left[TILE], right[TILE];  // columns 0–3 and 4–7 of each row
} tile;

// t += Σ_k in[row][k] · panel[k], k ascending, product and sum rounded: one order for every element, whatever the
// number of rows, so a result does not depend on what is computed beside it.
// `stride` is the distance of the rows of `in`; inputs > 0.
static inline __attribute__((always_inline)) void multiply_tile(tile *t, const float *in, u32 stride, const float *panel,
                                                                u32 inputs) {
  const float *end = in + inputs;
#pragma clang loop unroll(disable)
  do {
    f4 left = f4_load(panel), right = f4_load(panel + 4);
    for (u32 r = 0; r < TILE; r++) {
      f4 x = f4_load_splat(in + r * stride);
      t->left[r] = f4_mul_add(t->left[r], x, left);
      t->right[r] = f4_mul_add(t->right[r], x, right);
    }
    in++;
    panel += PANEL;
    // Hides the pointers from the optimiser, which would otherwise turn each constant offset of a load into an
    // addition of its own and cost a fifth of the speed.
    __asm__ volatile("" : "+r"(in), "+r"(panel));
  } while (in != end);
}

#endif

// Self-attention within one text.
#ifndef INFERNET_ATTENTION_H
#define INFERNET_ATTENTION_H

#include "matmul.h"

// Queries, keys, values and the context that results: the text's rows, WIDTH floats each.
// Up to TILE − 1 rows after the text's are read and overwritten; the caller computes texts in ascending order.
void attend(const float *query, const float *key, const float *value, u32 length, float *context);

#endif

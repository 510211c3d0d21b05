// Self-attention within one text.
#ifndef INFERNET_ATTENTION_H
#define INFERNET_ATTENTION_H

#include "matmul.h"

// qkv: the text's rows of queries, keys and values, 3·WIDTH floats each. context: its rows of results, WIDTH each.
// Up to TILE − 1 rows after the text's are read and overwritten; the caller computes texts in ascending order.
void attend(const float *qkv, u32 length, float *context);

#endif

// The MiniLM-L6-H384 encoder with mean pooling and L2 normalisation.
#ifndef INFERNET_ENCODER_H
#define INFERNET_ENCODER_H

#include "layers.h"

enum { BATCH_TEXTS = BATCH_ROWS / 2 };

// Reads the encoder section of the model file.
void load_encoder(i32 model_fd);

// Where the word embedding of a row is put before encode(), and where the work is done.
float *encoder_row(u32 row);

// Encodes texts that lie one after another. lengths[i] tokens each, at most BATCH_ROWS in all.
// A text's embedding depends on nothing but its own tokens.
void encode(const u32 *lengths, u32 texts, float (*embeddings)[WIDTH]);

#endif

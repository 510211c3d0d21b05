// Word embeddings, read row by row as words occur.
#ifndef INFERNET_EMBEDDING_H
#define INFERNET_EMBEDDING_H

#include "model_file.h"

// The embedding of a token; valid until the next call.
const float *word_embedding(i32 model_fd, u32 id);

#endif

// Fixed-width names; there is no C library under these modules.
#ifndef INFERNET_TYPES_H
#define INFERNET_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;

#endif

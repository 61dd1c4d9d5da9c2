#ifndef CDIGEST_SHIM_H
#define CDIGEST_SHIM_H

// libmd's headers use these without asking for them.
#include <stdint.h>
#include <sys/types.h>

#include <sha1.h>
#include <sha2.h>

#endif

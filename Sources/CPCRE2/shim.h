#ifndef CPCRE2_SHIM_H
#define CPCRE2_SHIM_H

// The library has a variant for each width of code units; bytes are all that is needed.
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>

#endif

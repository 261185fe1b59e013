/* Without the functions for files, zlib.h includes no header of the system. Swift would otherwise
   find the system's types in two modules. */
#define Z_SOLO
#include <zlib.h>

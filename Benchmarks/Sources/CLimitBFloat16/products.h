/* The instruction that multiplies bfloat16, with operands that Swift can name: it has no type for a vector
   of __bf16. There is nothing to compile or to link. */
#if defined(__AVX512BF16__)
#include <immintrin.h>

/* vdpbf16ps: sums[i] + a[2 i + 1] b[2 i + 1] + a[2 i] b[2 i] */
static inline __attribute__((always_inline, nodebug)) __m512 limit_add_products(__m512 sums, __m512i a, __m512i b) {
  return _mm512_dpbf16_ps(sums, (__m512bh)a, (__m512bh)b);
}
#endif

/// The square root of x² + y²; no code calls it.
///
/// Swift's module Glibc refers to `hypotf`, whose newest version came with glibc 2.35. With this symbol in its
/// place the library also loads on systems with glibc 2.34, such as RHEL 9 and Amazon Linux 2023.
@c(hypotf)
func hypotf(_ x: Float, _ y: Float) -> Float {
  Float((Double(x) * Double(x) + Double(y) * Double(y)).squareRoot())
}

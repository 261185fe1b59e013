import SwiftletKernels
import SwiftletKernelCore
import SwiftletMemory

/// What every product of a pass needs beside its operands.
struct Activations {
  let kernels: Kernels
  let scratch: ActivationScratch

  /// See ``Linear/apply(to:columns:ending:into:_:_:_:)``.
  func apply(
    _ linear: Linear, to x: Matrix<Float>, columns: Range<Int>? = nil,
    ending: LinearEnding = .bias, into out: Matrix<Float>, _ member: inout TeamMember
  ) {
    linear.apply(
      to: x, columns: columns, ending: ending, into: out, kernels, scratch, &member)
  }
}

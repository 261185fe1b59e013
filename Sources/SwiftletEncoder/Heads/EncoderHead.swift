package import SwiftletKernelCore
import SwiftletSystem

/// What turns the encoder's last rows into a task's numbers.
///
/// Immutable, and shared by all passes.
package protocol EncoderHead: Sendable {
  /// Which rows of the last layer it reads.
  var reads: OutputRows { get }

  /// Floats in a row of the output.
  var outputWidth: Int { get }

  /// Rows of the output for some sequences: one for each, or for each token, or for some tokens. The
  /// rows of several slices, one after another, are those of all their sequences together.
  func outputRows(_ batch: PackedSlice) -> Int

  /// Writes the output [outputRows, outputWidth] for the rows of ``Encoder/forward(_:computing:_:)`` in
  /// the same pass.
  func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass)
}

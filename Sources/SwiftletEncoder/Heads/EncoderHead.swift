package import SwiftletKernelCore
import SwiftletSystem

/// Computes a task's output from the encoder's last rows. Immutable; all passes share it.
package protocol EncoderHead: Sendable {
  /// The rows of the last layer that it reads.
  var reads: OutputRows { get }

  /// What a row of the output belongs to.
  var rowKind: OutputRowKind { get }

  /// Floats in a row of the output.
  var outputWidth: Int { get }

  /// The number of output rows for some sequences: one for each sequence, for each token, or for some
  /// tokens. The rows of consecutive slices follow one another.
  func outputRows(_ batch: PackedSlice) -> Int

  /// Writes the output [outputRows, outputWidth] for the result of ``Encoder/forward(_:computing:_:)`` in
  /// the same pass.
  func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass)
}

/// What a row of a head's output belongs to.
package enum OutputRowKind: Sendable { case sequence, token, maskedToken }

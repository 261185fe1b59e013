package import SwiftletKernels
package import SwiftletMemory

/// What turns the encoder's last rows into a task's numbers.
///
/// Immutable, and shared by all passes; what a pass writes lies in its workspace.
package protocol EncoderHead: Sendable {
  /// Which rows of the last layer it reads.
  var reading: Encoder.Reading { get }

  /// Floats in a row of the output.
  var outputWidth: Int { get }

  /// Rows of the output for some sequences: one for each, or for each token, or for some tokens. The
  /// rows of several slices, one after another, are those of all their sequences together.
  func outputRows(_ batch: PackedSlice) -> Int

  /// Writes the output [outputRows, outputWidth] for the rows that
  /// ``Encoder/forward(_:reading:_:_:)`` left in the workspace. All members of a team call it.
  func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ workspace: borrowing Workspace, _ kernels: Kernels, _ member: inout TeamMember)
}

extension SequenceClassificationHead: EncoderHead {
  package var reading: Encoder.Reading { .firstTokens }
  package var outputWidth: Int { labelCount }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.sequenceCount }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ workspace: borrowing Workspace, _ kernels: Kernels, _ member: inout TeamMember
  ) {
    forward(rows, into: output, workspace, kernels, &member)
  }
}

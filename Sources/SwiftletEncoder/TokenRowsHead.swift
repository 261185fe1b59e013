package import SwiftletKernels
package import SwiftletMemory

/// No head at all: the last hidden row of every token, out[T, dim] = h[T, dim].
package struct TokenRowsHead: EncoderHead {
  package let outputWidth: Int
  package var reading: Encoder.Reading { .allTokens }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.tokenCount }

  package init(_ configuration: ModelConfiguration) { outputWidth = configuration.dimension }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ workspace: borrowing Workspace, _ kernels: Kernels, _ member: inout TeamMember
  ) {
    member.share(rows.rows) { part in
      for row in part {
        (output + row * outputWidth).update(from: rows.row(row), count: outputWidth)
      }
    }
  }
}

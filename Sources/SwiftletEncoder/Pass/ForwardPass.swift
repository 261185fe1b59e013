import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// One thread's view of a forward pass: the kernels, the buffers of the pass, and the thread's index.
///
/// All threads of a pass make the same calls with the same arguments. Each call returns when all threads'
/// parts of the result are complete.
package struct ForwardPass: ~Copyable {
  package let kernels: Kernels
  let buffers: Workspace.Buffers
  private var worker: Worker

  /// `workspace` must outlive the pass, and no other pass may use it meanwhile.
  package init(_ workspace: borrowing Workspace, _ kernels: Kernels, _ worker: Worker) {
    self.kernels = kernels
    self.worker = worker
    buffers = workspace.buffers
  }

  /// The thread's number, from 0.
  package var workerIndex: Int { worker.workerIndex }

  /// Scratch memory of this thread's kernels.
  var scratch: UnsafeMutablePointer<Float> { buffers.scratch(workerIndex: worker.workerIndex) }

  /// Splits 0 ..< count into ranges and calls `body` with them on all threads.
  mutating func parallelFor(_ count: Int, _ body: (Range<Int>) -> Void) {
    worker.parallelFor(count, body)
  }

  /// out[:, outputs] = x w[:, outputs] + b[outputs], for all outputs by default.
  mutating func linear(
    _ layer: Linear, _ x: Matrix<Float>, outputs: Range<Int>? = nil, into out: Matrix<Float>
  ) {
    apply(layer, x, outputs: outputs, .bias, into: out)
  }

  /// out = x w + b + residual. `residual` may be `out` itself; it may not overlap it otherwise.
  mutating func linear(
    _ layer: Linear, _ x: Matrix<Float>, adding residual: Matrix<Float>, into out: Matrix<Float>
  ) {
    apply(layer, x, .biasResidual(residual), into: out)
  }

  /// out = activation(x w + b)
  mutating func linear(
    _ layer: Linear, _ x: Matrix<Float>, then activation: Activation, into out: Matrix<Float>
  ) {
    // GELU is an epilogue of the product; other activations run over its result.
    guard activation != .gelu else { return apply(layer, x, .biasGELU, into: out) }
    apply(layer, x, .bias, into: out)
    let activate = kernels.table.rows.activate
    parallelFor(x.rows) { activate(out.rows($0), activation) }
  }

  private mutating func apply(
    _ layer: Linear, _ x: Matrix<Float>, outputs: Range<Int>? = nil, _ epilogue: LinearEpilogue,
    into out: Matrix<Float>
  ) {
    let scratch = buffers.activations(workerIndex: worker.workerIndex)
    layer.apply(
      to: x, columns: outputs, epilogue: epilogue, into: out, kernels, scratch, &worker)
  }
}

package import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletSystem

/// Numbers that training changes, and where their gradient is summed. Values and gradient have one
/// layout, so that an optimiser may treat them as arrays.
package struct TrainedTensor: @unchecked Sendable {
  /// One parameter, or query, key and value of a layer, which are one matrix.
  package let parameters: [Parameter]
  package let values: UnsafeMutablePointer<Float>
  package let gradients: UnsafeMutablePointer<Float>
  /// The floats of the layout. Its padding stays zero.
  package let count: Int
  package let layout: Layout
  /// The rows of a table that a text has had so far; nil where every value has a gradient.
  package let touched: TouchedRows?

  package init(
    parameters: [Parameter], values: UnsafeMutablePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, count: Int, layout: Layout = .rows,
    touched: TouchedRows? = nil
  ) {
    (self.parameters, self.values, self.gradients) = (parameters, values, gradients)
    (self.count, self.layout, self.touched) = (count, layout, touched)
  }

  package enum Layout: Sendable, Equatable {
    /// As in a checkpoint, one parameter after another.
    case rows
    /// Panels of a linear layer's weights [outputs, inputs]; see `PackedMatrix`.
    case panels(inputs: Int, width: Int)
  }

  /// Sets the gradient to zero.
  func clearGradients() {
    guard let touched else { return gradients.update(repeating: 0, count: count) }
    for row in touched.current {
      (gradients + row * touched.width).update(repeating: 0, count: touched.width)
    }
    touched.clear()
  }

  /// Copies one of the parameters in the order of a checkpoint. `source` is the tensor's memory of
  /// values, or an array with the same layout.
  package func copy(
    _ index: Int, from source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    forEachRun(of: index) { stored, offset, stride, count in
      for element in 0..<count { target[offset + element] = source[stored + element * stride] }
    }
  }

  /// Copies one of the parameters from the order of a checkpoint into an array with the tensor's layout.
  package func store(
    _ index: Int, from source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    forEachRun(of: index) { stored, offset, stride, count in
      for element in 0..<count { target[stored + element * stride] = source[offset + element] }
    }
  }

  /// Calls `body` with runs of a parameter: the first place in the layout, the first place in the
  /// checkpoint, the distance of two elements in the layout, and their number.
  private func forEachRun(
    of index: Int, _ body: (_ stored: Int, _ offset: Int, _ stride: Int, _ count: Int) -> Void
  ) {
    let shape = parameters[index].shape
    guard case .panels(let inputs, let width) = layout else {
      let first = parameters[..<index].reduce(0) { $0 + $1.shape.reduce(1, *) }
      return body(first, 0, 1, shape.reduce(1, *))
    }
    let firstOutput = parameters[..<index].reduce(0) { $0 + $1.shape[0] }
    for row in 0..<shape[0] {
      let output = firstOutput + row
      body(output / width * width * inputs + output % width, row * inputs, width, inputs)
    }
  }
}

/// The rows of a table that have had a gradient. AdamW without weight decay leaves the others as they
/// are, bit for bit.
package final class TouchedRows: @unchecked Sendable {
  package let width: Int
  /// Whether a row has ever had a gradient.
  package private(set) var ever: [Bool]
  /// The rows that have one since the gradients were last cleared, each once.
  package private(set) var current: [Int] = []
  private var isCurrent: [Bool]

  init(rows: Int, width: Int) {
    self.width = width
    ever = Array(repeating: false, count: rows)
    isCurrent = ever
  }

  func touch(_ row: Int) {
    guard !isCurrent[row] else { return }
    isCurrent[row] = true
    ever[row] = true
    current.append(row)
  }

  func touchAll() { for row in ever.indices { touch(row) } }

  func clear() {
    for row in current { isCurrent[row] = false }
    current.removeAll(keepingCapacity: true)
  }

  /// Sets the rows of ``ever`` from a checkpoint of the training.
  package func restore(_ rows: [Bool]) {
    requirePrecondition(rows.count == ever.count, "one flag for each row")
    ever = rows
  }
}

import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

extension CheckpointReader {
  /// A linear layer `name.weight` [outputs, inputs] and `name.bias` [outputs]; several names are
  /// laid one under another as one layer. The weights follow when `storage` is filled.
  func linear(
    _ names: [String], inputs: Int, outputs: Int, in storage: WeightStorage, for kernels: Kernels
  ) throws(CheckpointError) -> Linear {
    var parts: [StoredMatrix] = []
    var biases: [StoredTensor] = []
    for name in names {
      let weight = try tensor(name + ".weight", shape: [outputs, inputs])
      parts.append(StoredMatrix(tensor: weight, rows: outputs, columns: inputs))
      biases.append(try tensor(name + ".bias", shape: [outputs]))
    }
    let bias = try reserving { () throws(MemoryError) in
      try storage.allocate(WeightStorage.padded(outputs * names.count))
    }
    for (index, tensor) in biases.enumerated() {
      tensor.readFloats(0..<outputs, into: bias + index * outputs)
    }
    return try reserving { () throws(MemoryError) in
      try storage.linear(parts, bias: bias, for: kernels)
    }
  }

  /// A linear layer whose tensors have names of their own; without a name for it the bias is zero.
  /// `isShared` says that its weights are something else too, which reads them from the file.
  func linear(
    weight: String, bias: String?, inputs: Int, outputs: Int, isShared: Bool = false,
    in storage: WeightStorage, for kernels: Kernels
  ) throws(CheckpointError) -> Linear {
    let weight = try tensor(weight, shape: [outputs, inputs])
    let stored: StoredTensor?
    if let bias { stored = try tensor(bias, shape: [outputs]) } else { stored = nil }
    let floats = try reserving { () throws(MemoryError) in
      try storage.allocate(WeightStorage.padded(outputs))
    }
    stored?.readFloats(0..<outputs, into: floats)
    let source = StoredMatrix(
      tensor: weight, rows: outputs, columns: inputs, isShared: isShared)
    return try reserving { () throws(MemoryError) in
      try storage.linear([source], bias: floats, for: kernels)
    }
  }

  /// A layer normalisation `name.weight` and `name.bias`.
  func norm(
    _ name: String, count: Int, epsilon: Float, in storage: WeightStorage
  ) throws(CheckpointError) -> LayerNorm {
    let stored = try (
      tensor(name + ".weight", shape: [count]), tensor(name + ".bias", shape: [count])
    )
    let (weight, bias) = try reserving { () throws(MemoryError) in
      (try storage.allocate(count), try storage.allocate(count))
    }
    stored.0.readFloats(0..<count, into: weight)
    stored.1.readFloats(0..<count, into: bias)
    return LayerNorm(weight: weight, bias: bias, epsilon: epsilon)
  }

  /// A table `name` [rows, columns], of which few rows are read at a time. It stays where it is, in
  /// the file, if it is stored as it is needed: a start does not wait for it, and only the pages that
  /// are touched take memory.
  func table(
    _ name: String, rows: Int, columns: Int, in storage: WeightStorage
  ) throws(CheckpointError) -> Matrix<Float> {
    let tensor = try tensor(name, shape: [rows, columns])
    if let floats = tensor.elements(.f32, as: Float.self) {
      storage.keep(tensor.file)
      return Matrix(UnsafeMutablePointer(mutating: floats), rows: rows, columns: columns)
    }
    return try reserving { () throws(MemoryError) in
      try storage.table(StoredMatrix(tensor: tensor, rows: rows, columns: columns))
    }
  }
}

/// A matrix in a file.
private struct StoredMatrix: WeightSource {
  let tensor: StoredTensor
  let rows: Int
  let columns: Int
  /// Whether somebody else reads it from the file.
  var isShared = false

  var floats: UnsafeRawPointer? {
    tensor.info.dataType == .f32 ? tensor.bytes.baseAddress : nil
  }

  var halves: UnsafeRawPointer? {
    tensor.info.dataType == .f16 ? tensor.bytes.baseAddress : nil
  }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    tensor.readFloats(elements(rows), into: target)
  }

  func release(_ rows: Range<Int>) {
    if !isShared { tensor.release(elements(rows)) }
  }

  private func elements(_ rows: Range<Int>) -> Range<Int> {
    rows.lowerBound * columns..<rows.upperBound * columns
  }
}

import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

extension WeightLoader {
  /// The word embeddings: as int8 from the file or quantised for precision int8, otherwise float32 with
  /// their gradient if they are trained.
  func words() throws(CheckpointError) -> (WordEmbeddings, gradient: TableGradient?) {
    let name = Architecture.wordEmbeddings
    let parameter = parameter(name + ".weight")
    if checkpoint.isTable(parameter) {
      return (.int8(try place(try checkpoint.wordTable(shape: parameter.shape))), nil)
    }
    guard quantizesWords else {
      let (rows, gradient) = try trainedTable(name)
      return (.float32(rows), gradient)
    }
    let source = StoredMatrix(
      tensor: try checkpoint.tensor(parameter), rows: parameter.shape[0],
      columns: parameter.shape[1])
    return try reserving { () throws(MemoryError) in
      (.int8(try storage.quantizedTable(source)), nil)
    }
  }

  /// A table stays in the file, as one of float32 does: a start does not wait for it.
  private func place(_ table: QuantizedTable) throws(CheckpointError) -> QuantizedRows {
    guard let values = table.values.elements(.i8, as: Int8.self) else {
      stop("a table has rows, and a byte any address")
    }
    storage.keep(table.values.memory)
    let scales = try reserving { () throws(MemoryError) in try storage.allocate(table.rows) }
    table.scales.readFloats(0..<table.rows, into: scales)
    return QuantizedRows(values, scales: scales, rows: table.rows, columns: table.columns)
  }

  /// A linear layer that is stored as int8. It stays in the file if `sharesWeights` and the file is
  /// mapped; otherwise it is copied into huge pages, which are read faster.
  func quantizedLinear(_ layer: QuantizedFormat.Layer) throws(CheckpointError) -> Linear {
    let padded = layer.paddedOutputs
    let weight = try checkpoint.stored(layer.weight, shape: layer.weightShape)
    let scale = try checkpoint.stored(layer.scale, shape: [padded])
    let start = try checkpoint.stored(layer.start, shape: [padded])
    let bias = try checkpoint.tensor(layer.bias, shape: [layer.outputs])
    let floats = try reserving { () throws(MemoryError) in try storage.allocate(padded) }
    bias.readFloats(0..<layer.outputs, into: floats)
    return Linear(
      int8: try place(weight, .i8, as: Int8.self),
      scales: try place(scale, .f32, as: Float.self),
      start: try place(start, .i32, as: Int32.self), bias: floats, inputs: layer.inputs,
      outputs: layer.outputs)
  }

  private func place<Element: BitwiseCopyable & Sendable>(
    _ tensor: StoredTensor, _ dataType: DataType, as type: Element.Type
  ) throws(CheckpointError) -> UnsafePointer<Element> {
    guard tensor.info.dataType == dataType else {
      throw .wrongType(
        path: checkpoint.directory, tensor: tensor.info.name, expected: dataType.rawValue,
        found: tensor.info.dataType.rawValue)
    }
    if checkpoint.sharesWeights, tensor.memory.isMapped,
      let elements = tensor.elements(dataType, as: type, alignment: QuantizedFormat.alignment)
    {
      storage.keep(tensor.memory)
      return elements
    }
    guard let source = tensor.bytes.baseAddress else {
      stop("a layer has outputs, and a tensor of its shape has bytes")
    }
    return try reserving { () throws(MemoryError) in
      try storage.copy(source, count: tensor.info.elementCount, of: type) { tensor.release($0) }
    }
  }
}

/// A table of ``QuantizedFormat`` as the floats that it stands for.
struct StoredTable: WeightSource {
  let table: QuantizedTable

  var rows: Int { table.rows }
  var columns: Int { table.columns }
  var float32: UnsafeRawPointer? { nil }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    table.readFloats(rows, into: target)
  }

  /// The embeddings read the table too.
  func release(_ rows: Range<Int>) {}
}

/// A matrix of floats as those that its rows in int8 stand for.
struct RoundedMatrix: WeightSource {
  let matrix: StoredMatrix

  var rows: Int { matrix.rows }
  var columns: Int { matrix.columns }
  var float32: UnsafeRawPointer? { nil }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    matrix.read(rows, into: target)
    withUnsafeTemporaryAllocation(of: Int8.self, capacity: columns) { bytes in
      guard let bytes = bytes.baseAddress else { return }
      for index in 0..<rows.count {
        QuantizedRows.round(target + index * columns, count: columns, through: bytes)
      }
    }
  }

  func release(_ rows: Range<Int>) { matrix.release(rows) }
}

import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

/// Loads one part of a model, its body or a head.
///
/// Checks all parameters first. The part then asks for its layers by name, whose shapes come from the
/// parameters, and ``fill(on:)`` packs the weights at the end.
struct WeightLoader {
  let checkpoint: CheckpointReader
  /// Where the tensors of a model that is trained are collected; nil for inference.
  let trained: TrainedTensors?
  let kernels: Kernels
  /// Whether word embeddings of floats are quantised: a model then has the bits of its copy in
  /// ``QuantizedFormat``.
  let quantizesWords: Bool
  let storage = WeightStorage()
  private let parameters: [String: Parameter]

  /// `layers` are stored as int8; `parameters` leaves theirs out. `precision` is that of the model,
  /// where the part's kernels have another.
  ///
  /// - Throws: `missingTensors` with all names, `wrongShape`, and `weights` for tensors without floats.
  init(
    _ parameters: [Parameter], quantized layers: [QuantizedFormat.Layer] = [],
    of checkpoint: CheckpointReader, for kernels: Kernels, training trained: TrainedTensors? = nil,
    precision: Precision? = nil
  ) throws(CheckpointError) {
    try checkpoint.check(parameters.filter { trained?.new.contains($0.name) != true }, layers)
    self.checkpoint = checkpoint
    self.trained = trained
    self.kernels = kernels
    quantizesWords = !checkpoint.isQuantized && (precision ?? kernels.precision) == .int8
    self.parameters = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
  }

  /// Packs the weights of all requested layers on all threads of `pool`, and returns their memory.
  func fill(on pool: WorkerPool) throws(CheckpointError) -> WeightStorage {
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    return storage
  }

  /// A linear layer `name.weight` [outputs, inputs] and `name.bias` [outputs], zeros without a bias.
  /// Several layers of one size become one, with their outputs one after another.
  func linear(_ names: String...) throws(CheckpointError) -> Linear { try linear(names) }

  func linear(_ names: [String]) throws(CheckpointError) -> Linear {
    let weights = names.map { parameter($0 + ".weight") }
    let parts = try weights.map { (weight) throws(CheckpointError) in try source(weight) }
    let outputs = parts.reduce(0) { $0 + $1.rows }
    let bias = try reserving { () throws(MemoryError) in
      try storage.allocate(WeightStorage.padded(outputs))
    }
    var biases: [Parameter] = []
    for (weight, name) in zip(weights, names) {
      guard let parameter = parameters[name + ".bias"] else { continue }
      biases.append(parameter)
      let first = biases.dropLast().reduce(0) { $0 + $1.shape[0] }
      requirePrecondition(weight.shape[0] == parameter.shape[0], "a bias has one value an output")
      try read(parameter, into: bias + first)
    }
    return try reserving { () throws(MemoryError) in
      let linear = try storage.linear(
        parts, bias: bias, for: kernels, keepsFloat16: trained == nil)
      return try trainable(linear, weights, biases, bias)
    }
  }

  /// The layer with its gradients and its backward product, if the model is loaded for training.
  private func trainable(
    _ linear: Linear, _ weights: [Parameter], _ biases: [Parameter],
    _ bias: UnsafeMutablePointer<Float>
  ) throws(MemoryError) -> Linear {
    guard let trained, let packed = linear.packedWeights else { return linear }
    let width = packed.panelWidth
    let values = UnsafeMutablePointer(
      mutating: packed.pointer.assumingMemoryBound(to: Float.self))
    let weightGradient: LinearGradient.Weights?
    let table = weights[0].tiedTo.flatMap { trained.table($0) }
    var tiedGradient: Matrix<Float>?
    if weights[0].tiedTo != nil {
      if let rows = table?.values {
        tiedGradient = Matrix(
          try storage.allocate(rows.rows * rows.columns), rows: rows.rows, columns: rows.columns)
      }
      weightGradient = tiedGradient.map { .rows($0) }
    } else {
      weightGradient = try trained.add(
        weights, values,
        count: PackedMatrix.wordCount(
          steps: packed.steps, columns: packed.columns, panelWidth: width),
        layout: .panels(inputs: packed.steps, width: width), in: storage
      ).map { .panels($0) }
    }
    var gradient: LinearGradient?
    if let weightGradient {
      var biasGradient = try trained.add(biases, bias, count: linear.outputs, in: storage)
      // A layer without a bias sums its gradient too, which is not read.
      if biasGradient == nil {
        biasGradient = try storage.allocate(WeightStorage.padded(linear.outputs))
      }
      gradient = biasGradient.map { LinearGradient(weights: weightGradient, bias: $0) }
    }
    // Heads, and layers with an odd number of inputs or outputs, stay float32.
    let isRounded =
      weights[0].layer != nil && linear.inputs % 2 == 0 && linear.outputs % 2 == 0
    let layer = linear.trainable(
      try LinearTraining(
        inputs: linear.inputs, outputs: linear.outputs,
        precision: isRounded ? trained.precision : .float32, gradient: gradient, in: storage,
        for: kernels.table.products))
    trained.remember(layer)
    if let table, let tiedGradient {
      trained.remember(
        TiedLayer(
          layer: layer, table: table.values, gradient: tiedGradient, target: table.gradient))
    }
    return layer
  }

  /// A layer normalisation `name.weight` and `name.bias`.
  func norm(_ name: String, epsilon: Float) throws(CheckpointError) -> LayerNorm {
    let (weight, weightGradient) = try vector(name + ".weight")
    let (bias, biasGradient) = try vector(name + ".bias")
    var norm = LayerNorm(weight: weight, bias: bias, epsilon: epsilon)
    if let weightGradient, let biasGradient {
      norm.gradient = NormGradient(weight: weightGradient, bias: biasGradient)
    }
    return norm
  }

  private func vector(
    _ name: String
  ) throws(CheckpointError) -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>?) {
    let parameter = parameter(name)
    let count = parameter.shape[0]
    let floats = try reserving { () throws(MemoryError) in try storage.allocate(count) }
    try read(parameter, into: floats)
    let gradient = try reserving { () throws(MemoryError) in
      try trained?.add([parameter], floats, count: count, in: storage)
    }
    return (UnsafePointer(floats), gradient)
  }

  /// Reads a small parameter, or gives it its initial values.
  private func read(
    _ parameter: Parameter, into target: UnsafeMutablePointer<Float>
  ) throws(CheckpointError) {
    let count = parameter.shape.reduce(1, *)
    if let trained, trained.new.contains(parameter.name) {
      return trained.setup.initialize(
        parameter, UnsafeMutableBufferPointer(start: target, count: count))
    }
    try checkpoint.tensor(parameter).readFloats(0..<count, into: target)
  }

  /// A table `name.weight` [rows, columns], of which a pass reads a few rows. A table of float32 stays in
  /// the file: a start does not wait for it, and only touched pages take memory.
  func table(_ name: String) throws(CheckpointError) -> Matrix<Float> {
    let parameter = parameter(name + ".weight")
    let (rows, columns) = (parameter.shape[0], parameter.shape[1])
    let tensor = try checkpoint.tensor(parameter)
    if let floats = tensor.elements(.f32, as: Float.self) {
      storage.keep(tensor.memory)
      trained?.viewedBytes += tensor.bytes.count
      return Matrix(UnsafeMutablePointer(mutating: floats), rows: rows, columns: columns)
    }
    return try reserving { () throws(MemoryError) in
      try storage.table(StoredMatrix(tensor: tensor, rows: rows, columns: columns))
    }
  }

  /// A table that is trained, with the memory of its gradient and the rows that have one.
  func trainedTable(
    _ name: String
  ) throws(CheckpointError) -> (Matrix<Float>, gradient: TableGradient?) {
    let parameter = parameter(name + ".weight")
    guard let trained, trained.setup.trains(parameter) else { return (try table(name), nil) }
    let source = try source(parameter)
    return try reserving { () throws(MemoryError) in
      let values = try storage.table(source)
      let touched = TouchedRows(rows: values.rows, width: values.columns)
      guard
        let pointer = try trained.add(
          [parameter], values.pointer, count: values.rows * values.columns, touched: touched,
          in: storage)
      else { return (values, nil) }
      let gradient = TableGradient(
        rows: Matrix(pointer, rows: values.rows, columns: values.columns), touched: touched)
      trained.remember(parameter.name, values, gradient)
      return (values, gradient)
    }
  }

  private func source(_ parameter: Parameter) throws(CheckpointError) -> any WeightSource {
    if let trained, trained.new.contains(parameter.name) {
      return try NewMatrix(parameter, trained.setup.initialize)
    }
    if checkpoint.isTable(parameter) {
      return StoredTable(table: try checkpoint.wordTable(shape: parameter.shape))
    }
    let isTied = checkpoint.isTied(parameter)
    let tensor = try checkpoint.tensor(parameter)
    let matrix = StoredMatrix(
      tensor: tensor, rows: parameter.shape[0],
      columns: parameter.shape[1],
      // The writer of a trained model reads frozen weights again, which a mapped file still has.
      isShared: isTied || trained != nil && !tensor.memory.isMapped)
    return isTied && quantizesWords ? RoundedMatrix(matrix: matrix) : matrix
  }

  func parameter(_ name: String) -> Parameter {
    guard let parameter = parameters[name] else { stop("\(name) is not a parameter of this part") }
    return parameter
  }
}

/// A matrix in a file.
struct StoredMatrix: WeightSource {
  let tensor: StoredTensor
  let rows: Int
  let columns: Int
  /// Whether another part also reads it from the file, so that its pages are not released.
  var isShared = false

  var float32: UnsafeRawPointer? {
    tensor.info.dataType == .f32 ? tensor.bytes.baseAddress : nil
  }

  var float16: UnsafeRawPointer? {
    tensor.info.dataType == .f16 ? tensor.bytes.baseAddress : nil
  }

  var bfloat16: UnsafeRawPointer? {
    tensor.info.dataType == .bf16 ? tensor.bytes.baseAddress : nil
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

/// A matrix with the initial values of a new layer.
private struct NewMatrix: WeightSource {
  let rows: Int
  let columns: Int
  private let values: SharedArray

  private final class SharedArray: @unchecked Sendable {
    var elements: [Float]
    init(count: Int) { elements = Array(repeating: 0, count: count) }
  }

  init(
    _ parameter: Parameter, _ initialize: TrainingSetup.Initializer
  ) throws(CheckpointError) {
    let (rows, columns) = (parameter.shape[0], parameter.shape[1])
    try reserving { () throws(MemoryError) in
      try MemoryReserve.check(4 * rows * columns, for: "the weights of a new head")
    }
    self.rows = rows
    self.columns = columns
    values = SharedArray(count: rows * columns)
    values.elements.withUnsafeMutableBufferPointer { initialize(parameter, $0) }
  }

  var float32: UnsafeRawPointer? { nil }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    values.elements.withUnsafeBufferPointer { all in
      for (index, element) in (rows.lowerBound * columns..<rows.upperBound * columns).enumerated() {
        target[index] = all[element]
      }
    }
  }

  func release(_ rows: Range<Int>) {}
}

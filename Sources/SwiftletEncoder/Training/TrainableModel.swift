package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
package import SwiftletSystem

/// An encoder and a head whose parameters change: forward and backward passes over packed batches.
///
/// The sums of a gradient run over the tokens in the order of the batches, in one accumulator for each
/// element. Gradients therefore have the same bits on any number of threads, and a batch that is divided
/// into several passes adds up to the bits of one pass. One thread at a time may use a model.
package final class TrainableModel<Head: TrainableHead>: @unchecked Sendable {
  /// The same memory, for inference between two steps.
  package let encoder: Encoder
  package let head: Head
  /// All trained parameters, in the order of the model.
  package let tensors: [TrainedTensor]
  private let linears: [Linear]
  private let tied: [TiedLayer]
  /// The precision of training; see ``TrainableModelOptions/precision``.
  package let precision: Precision
  private let pool: WorkerPool
  private let team: ThreadTeam
  /// Whether the backward pass computes the activations of each layer again; see
  /// ``TrainableModelOptions/recomputes``.
  package var recomputes: Bool {
    didSet { if recomputes != oldValue { (workspace, last) = (nil, nil) } }
  }
  /// The first layer with a trained parameter in it or below it; nil if only the head is trained.
  private let firstTrainedLayer: Int?
  private let trainsEmbeddings: Bool
  private var workspace: TrainingWorkspace?
  private var output = HeadBuffers()
  private var last: LastPass?
  private var hasTiedGradients = false

  private struct LastPass {
    let batch: TrainingBatch
    let dropout: ModelDropout
    let precision: Precision
  }

  init(
    encoder: Encoder, head: Head, trained: TrainedTensors, parameters: [Parameter],
    _ options: TrainableModelOptions
  ) {
    parameterCount = parameters.filter { $0.tiedTo == nil }
      .reduce(0) { $0 + $1.shape.reduce(1, *) }
    self.encoder = encoder
    self.head = head
    requirePrecondition(
      options.precision != .int8, "weights are trained in float32 or bfloat16")
    precision = options.precision
    pool = options.pool
    recomputes = options.recomputes
    weightBytes = encoder.byteCount + head.ownBytes + trained.viewedBytes
    tensors = trained.all
    linears = trained.linears
    tied = trained.tied
    team = pool.makeTeam()
    let changed = tensors.flatMap(\.parameters)
    trainsEmbeddings = changed.contains { Architecture.isEmbedding($0.name) }
    firstTrainedLayer = trainsEmbeddings ? 0 : changed.compactMap(\.layer).min()
    packAgain()
  }

  package var configuration: ModelConfiguration { encoder.configuration }

  /// Computes the head's output [rows, outputWidth] in memory that the next call overwrites.
  ///
  /// - Parameters:
  ///   - batch: Sequences that are not empty, and whose ids the model has.
  ///   - rates: nil switches dropout off.
  ///   - key: of the step, from which the dropout masks follow.
  ///   - precision: nil for that of training; float32 computes as inference does by default, and has no
  ///     backward pass if the model is trained in another precision.
  /// - Returns: The output.
  /// - Throws: `MemoryError` if a batch needs more memory than the largest so far.
  package func forward(
    _ batch: TrainingBatch, dropout rates: DropoutRates?, key: UInt32,
    precision: Precision? = nil
  ) throws(MemoryError) -> Matrix<Float> {
    let slice = batch.sequences.slice()
    requirePrecondition(
      batch.numbers.count == slice.sequenceCount, "every sequence has its number")
    let workspace = try workspace(tokens: slice.tokenCount)
    let rows = head.trainingRows(batch)
    try output.reserve(rows: rows, columns: head.outputWidth)
    writeKeys(of: batch, key, workspace.buffers)
    let dropout = ModelDropout(rates)
    let precision = precision ?? self.precision
    requirePrecondition(
      precision == .float32 || precision == self.precision,
      "a pass is in float32 or in the precision of training")
    last = LastPass(batch: batch, dropout: dropout, precision: precision)
    let kept = headActivations(rows: rows, dropout, slice, workspace)
    run(on: workspace, precision) { [encoder, head] pass in
      encoder.embeddings.forward(
        slice, dropout.embeddings, into: pass.buffers.input(0, rows: slice.tokenCount), &pass)
      for index in encoder.layers.indices {
        let (layer, queries) = self.layer(index, slice, dropout, pass.buffers)
        encoder.layers[index].forward(layer, slice, queries: queries, &pass)
      }
      head.forward(kept, batch, &pass)
    }
    return kept.output
  }

  /// Memory for the gradient of the output of the last forward pass.
  package func outputGradient(rows: Int) -> Matrix<Float> {
    output.matrix(3, rows, head.outputWidth)
  }

  /// The encoder's last rows of the last forward pass, as the head reads them.
  package var lastRows: Matrix<Float>? {
    guard let workspace, let last else { return nil }
    return lastRows(of: last.batch.sequences.slice(), workspace)
  }

  /// Adds the gradients of all trained parameters for the gradient `g` of the output of the last forward
  /// pass.
  ///
  /// Overwrites `g`, which is not that output itself. `rowGradient` is a gradient of ``lastRows`` that
  /// a loss over hidden rows adds.
  package func backward(_ g: Matrix<Float>, addingToRows rowGradient: Matrix<Float>? = nil) {
    guard let workspace, let last, last.precision == precision else {
      stop("a backward pass follows a forward pass in the precision of training")
    }
    let slice = last.batch.sequences.slice()
    let kept = headActivations(rows: g.rows, last.dropout, slice, workspace)
    hasTiedGradients = true
    let reads = encoder.embeddings.gradient.map { EmbeddingReads(slice, $0) }
    let dropout = last.dropout
    run(on: workspace, precision) { [self] pass in
      head.backward(g, kept, last.batch, &pass)
      guard let first = firstTrainedLayer else { return }
      if let rowGradient {
        let add = pass.kernels.table.training.add
        let target = pass.gradient(.hidden, rows: rowGradient.rows)
        pass.parallelFor(rowGradient.rows) { add(rowGradient.rows($0), target.rows($0)) }
      }
      for index in encoder.layers.indices.reversed() where index >= first {
        let (layer, queries) = self.layer(index, slice, dropout, pass.buffers)
        if recomputes, index < encoder.layers.count - 1 {
          encoder.layers[index].forward(layer, slice, queries: queries, &pass)
        }
        encoder.layers[index].backward(
          layer, slice, queries: queries, needsInput: index > first || trainsEmbeddings, &pass)
      }
      if trainsEmbeddings {
        encoder.embeddings.backward(slice, dropout.embeddings, reads, &pass)
      }
    }
  }

  /// Completes the gradients of ``tensors`` after the last backward pass of a step.
  package func completeGradients() {
    let add = encoder.kernels.table.training.add
    hasTiedGradients = false
    for tied in tied {
      tied.target.touched.touchAll()
      let rows = tied.gradient.rows
      pool.run(count: (rows + Self.tableRows - 1) / Self.tableRows) { part in
        let range = part * Self.tableRows..<min((part + 1) * Self.tableRows, rows)
        add(tied.gradient.rows(range), tied.target.rows.rows(range))
        Self.clear(tied.gradient.rows(range))
      }
    }
  }

  private static func clear(_ matrix: Matrix<Float>) {
    for row in 0..<matrix.rows { matrix.row(row).update(repeating: 0, count: matrix.columns) }
  }

  /// The rows of a table that a thread takes at a time.
  private static var tableRows: Int { 512 }

  /// Sets all gradients to zero.
  package func clearGradients() {
    // Those of a pass whose step was not completed.
    if hasTiedGradients { for tied in tied { Self.clear(tied.gradient) } }
    hasTiedGradients = false
    let tensors = tensors
    pool.run(count: tensors.count) { tensors[$0].clearGradients() }
  }

  /// Packs what the products of the next pass read, after the values of ``tensors`` have changed.
  package func packAgain() {
    for tied in tied { tied.layer.packAgain(tied.table, on: pool) }
    let panels = linears.flatMap { layer in (0..<layer.copiedPanelCount).map { (layer, $0) } }
    let kernels = encoder.kernels
    pool.run(count: panels.count) { index in
      let (layer, panel) = panels[index]
      layer.packCopies(panel..<panel + 1, kernels)
    }
  }

  /// The numbers of all parameters, trained or not.
  package let parameterCount: Int

  /// Bytes of the weights, of the copies that products read, and of the gradients.
  package let weightBytes: Int

  /// Bytes of the buffers of a pass over so many tokens, with so many rows of the head's output.
  package func passBytes(tokens: Int, rows: Int, recomputing: Bool) -> Int {
    TrainingWorkspace.bytes(
      maxTokens: Self.capacity(tokens: tokens), workers: team.capacity,
      configuration: configuration, kernels: encoder.kernels, recomputes: recomputing,
      precision: precision) + HeadBuffers.bytes(rows: rows, columns: head.outputWidth)
  }

  /// The tokens for which the buffers of a pass are allocated.
  private static func capacity(tokens: Int) -> Int { (tokens + 127) / 128 * 128 }

  // MARK: Buffers

  private func layer(
    _ index: Int, _ batch: PackedSlice, _ dropout: ModelDropout,
    _ buffers: TrainingWorkspace.Buffers
  ) -> (LayerActivations, OutputRows) {
    let queries = index == encoder.layers.count - 1 ? head.reads : .allTokens
    let isFirstTokens = queries == .firstTokens
    let layer = buffers.layer(
      index, tokens: batch.tokenCount,
      rows: isFirstTokens ? batch.sequenceCount : batch.tokenCount,
      dropout: dropout.layer(index), isFirstTokens: isFirstTokens)
    return (layer, queries)
  }

  private func lastRows(of batch: PackedSlice, _ workspace: TrainingWorkspace) -> Matrix<Float> {
    workspace.buffers.input(
      encoder.layers.count,
      rows: head.reads == .firstTokens ? batch.sequenceCount : batch.tokenCount)
  }

  private func headActivations(
    rows: Int, _ dropout: ModelDropout, _ batch: PackedSlice, _ workspace: TrainingWorkspace
  ) -> HeadActivations {
    let columns = head.outputWidth
    return HeadActivations(
      rows: lastRows(of: batch, workspace), output: output.matrix(0, rows, columns),
      work: (output.matrix(1, rows, columns), output.matrix(2, rows, columns)), dropout: dropout)
  }

  private func workspace(tokens: Int) throws(MemoryError) -> TrainingWorkspace {
    if let workspace, workspace.maxTokens >= tokens { return workspace }
    workspace = nil
    let made = try TrainingWorkspace(
      maxTokens: Self.capacity(tokens: tokens), workers: team.capacity,
      configuration: configuration, kernels: encoder.kernels, recomputes: recomputes,
      precision: precision)
    workspace = made
    return made
  }

  private func writeKeys(
    of batch: TrainingBatch, _ key: UInt32, _ buffers: TrainingWorkspace.Buffers
  ) {
    let slice = batch.sequences.slice()
    for sequence in 0..<slice.sequenceCount {
      let sequenceKey = Dropout.mix(key, UInt32(truncatingIfNeeded: batch.numbers[sequence]))
      let range = slice.range(sequence)
      for token in range {
        let position = UInt32(truncatingIfNeeded: token - range.lowerBound)
        buffers.tokenKeys[token] = Dropout.mix(sequenceKey, position)
      }
      buffers.firstTokenKeys[sequence] = buffers.tokenKeys[range.lowerBound]
    }
  }

  private func run(
    on workspace: TrainingWorkspace, _ precision: Precision,
    _ body: @escaping (inout TrainingPass) -> Void
  ) {
    pool.run(TrainingWork(workspace, encoder.kernels, precision, body), by: team)
  }
}

/// The steps of a pass, which every thread of its team takes.
private final class TrainingWork: TeamWork, @unchecked Sendable {
  private let workspace: TrainingWorkspace
  private let kernels: Kernels
  private let precision: Precision
  private let body: (inout TrainingPass) -> Void

  init(
    _ workspace: TrainingWorkspace, _ kernels: Kernels, _ precision: Precision,
    _ body: @escaping (inout TrainingPass) -> Void
  ) {
    self.workspace = workspace
    self.kernels = kernels
    self.precision = precision
    self.body = body
  }

  func run(_ worker: inout Worker) {
    var pass = TrainingPass(workspace.buffers, kernels, precision, worker)
    body(&pass)
  }
}

/// The head's output, its gradient, and two matrices of this shape, which grow with the batches.
private struct HeadBuffers {
  private var storage: WeightStorage?
  private var pointer: UnsafeMutablePointer<Float>?
  private var capacity = 0

  mutating func reserve(rows: Int, columns: Int) throws(MemoryError) {
    let size = Self.size(rows, columns)
    guard size > capacity else { return }
    (storage, pointer, capacity) = (nil, nil, 0)
    let made = WeightStorage()
    pointer = try made.allocate(Self.count * size)
    (storage, capacity) = (made, size)
  }

  func matrix(_ index: Int, _ rows: Int, _ columns: Int) -> Matrix<Float> {
    guard let pointer else { stop("the buffers are reserved before they are used") }
    return Matrix(
      pointer + index * capacity, rows: rows, columns: columns,
      stride: TrainingWorkspace.Shape.stride(columns))
  }

  static func bytes(rows: Int, columns: Int) -> Int {
    count * MemoryLayout<Float>.stride * size(rows, columns)
  }

  /// The matrices.
  private static let count = 4

  private static func size(_ rows: Int, _ columns: Int) -> Int {
    max(rows, 1) * TrainingWorkspace.Shape.stride(columns)
  }
}

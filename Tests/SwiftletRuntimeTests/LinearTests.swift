import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

/// A way to compute linear layers that this machine has.
struct LinearPath: Sendable, CustomTestStringConvertible {
  let instructionSet: String
  let backend: GEMMBackend

  var testDescription: String { "\(instructionSet), \(backend)" }

  func kernels() throws -> Kernels {
    try Kernels(instructionSet: instructionSet, backend: backend)
  }

  static let all = paths(.native) + (hasBLAS ? paths(.cblas) : [])

  /// Whether a CBLAS library is installed; without it, its tests are reported as skipped.
  static let hasBLAS = (try? BLAS.shared.get()) != nil

  static func paths(_ backend: GEMMBackend) -> [LinearPath] {
    Kernels.available.map { LinearPath(instructionSet: $0.name, backend: backend) }
  }
}

struct LinearTests {
  @Test(arguments: LinearPath.paths(.native), EpilogueCase.allCases)
  func `a layer on native kernels equals the exact one`(path: LinearPath, epilogue: EpilogueCase)
    throws
  {
    try checkLayers(path, epilogue)
  }

  @Test(
    .enabled(if: LinearPath.hasBLAS), arguments: LinearPath.paths(.cblas), EpilogueCase.allCases)
  func `a layer on CBLAS equals the exact one`(path: LinearPath, epilogue: EpilogueCase) throws {
    #expect(try path.kernels().blas != nil)
    try checkLayers(path, epilogue)
  }

  private func checkLayers(_ path: LinearPath, _ epilogue: EpilogueCase) throws {
    let kernels = try path.kernels()
    var worst = WorstError()
    for linear in try ProductCase.all.get() {
      let layer = try StoredLayer(linear, for: kernels)
      #expect(layer.linear.inputs == linear.depth && layer.linear.outputs == linear.outputs)
      for rows in [1, 2, 5, 12, 25] {
        let out = try linear.output(rows: rows, epilogue)
        let place = "\(rows) x \(linear.depth) x \(linear.outputs)"
        try layer.apply(rows: rows, epilogue, into: out.view)
        linear.check(out.view, epilogue, &worst, place)
        #expect(out.isIntactOutside, "\(place)")
      }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available, EpilogueCase.allCases)
  func `a rounded row has the same bits alone and among others`(
    table: KernelTable, epilogue: EpilogueCase
  ) throws {
    for precision in [Precision.bfloat16, .int8] where precision.isSupported(by: table) {
      try checkRows(
        Kernels(instructionSet: table.name, backend: .native, precision: precision), epilogue)
    }
  }

  private func checkRows(_ kernels: Kernels, _ epilogue: EpilogueCase) throws {
    for depth in [100, 400, 768] {
      let source = try ProductCase(rows: 40, depth: depth, outputs: 70)
      let layer = try StoredLayer(source, for: kernels)
      let all = try source.output(rows: 40, epilogue)
      try layer.apply(rows: 40, epilogue, into: all.view)
      for rows in [1, 2, 7, 12, 13, 24, 39] {
        let out = try source.output(rows: rows, epilogue)
        try layer.apply(rows: rows, epilogue, into: out.view)
        #expect(out.bits == Array(all.bits.suffix(rows)), "\(rows) x \(depth)")
        #expect(out.isIntactOutside, "\(rows) x \(depth)")
      }
    }
  }

  @Test(arguments: LinearPath.all, EpilogueCase.allCases)
  func `a range of columns equals the whole product's and writes no other`(
    path: LinearPath, epilogue: EpilogueCase
  ) throws {
    let kernels = try path.kernels()
    let allowed = 2 * Tolerance.gelu(10, argument: Tolerance.sum(depth: 17, magnitude: 40))
    for outputs in [64, 100] {
      let linear = try ProductCase(rows: 6, depth: 17, outputs: outputs)
      let layer = try StoredLayer(linear, for: kernels)
      let whole = try linear.output(rows: 6, epilogue)
      try layer.apply(rows: 6, epilogue, into: whole.view)
      for columns in [0..<1, 0..<33, 5..<6, 31..<64, 33..<40, 60..<64, 0..<outputs, 7..<7] {
        let out = try linear.output(rows: 6, epilogue)
        let before = out.bits
        try layer.apply(rows: 6, columns: columns, epilogue, into: out.view)
        for (row, found) in out.bits.enumerated() {
          let expected = whole.bits[row][columns]
          if kernels.blas == nil {
            #expect(found[columns] == expected, "\(columns)")
          } else {
            // CBLAS may sum the last columns of a range in another order.
            let differences = zip(found[columns], expected).map {
              Double(abs(Float(bitPattern: $0) - Float(bitPattern: $1)))
            }
            #expect(differences.allSatisfy { $0 <= allowed }, "\(columns)")
          }
          #expect(found[columns.upperBound...] == before[row][columns.upperBound...])
        }
        #expect(out.isIntactOutside)
      }
    }
  }

  @Test(arguments: LinearPath.all)
  func `no rows are no work`(path: LinearPath) throws {
    let kernels = try path.kernels()
    let linear = try ProductCase(rows: 1, depth: 3, outputs: 7)
    let layer = try StoredLayer(linear, for: kernels)
    let out = try GuardedMatrix(rows: 1, columns: 7)
    let before = out.bits
    try layer.apply(rows: 0, .bias, into: out.view)
    #expect(out.bits == before)
  }

  @Test
  func `storage hands out zeroed cache lines, and knows how many`() throws {
    let storage = WeightStorage()
    for count in [1, 16, 17, 100_000, 3] {
      let before = storage.byteCount
      let block = try storage.allocate(count)
      #expect(Int(bitPattern: block) % 64 == 0)
      #expect(storage.byteCount - before == (4 * count + 63) / 64 * 64)
      #expect((0..<count).allSatisfy { block[$0] == 0 })
      block.update(repeating: 1, count: count)
    }
  }
}

/// A layer with the memory of its weights.
final class StoredLayer {
  let linear: Linear
  private let storage = WeightStorage()
  private let source: ProductCase
  private let kernels: Kernels

  /// `weights` replace those of the source.
  init(_ source: ProductCase, weights: (any WeightSource)? = nil, for kernels: Kernels) throws {
    self.source = source
    self.kernels = kernels
    let bias = try storage.allocate(WeightStorage.padded(source.outputs))
    bias.update(from: source.bias.view.pointer, count: source.outputs)
    linear = try storage.linear(
      [weights ?? MatrixSource(source.w.view)], bias: bias, for: kernels)
    try storage.fill(on: WorkerPool(threadCount: 1))
  }

  func apply(
    rows: Int, columns: Range<Int>? = nil, _ epilogue: EpilogueCase, into out: Matrix<Float>
  )
    throws
  {
    let how: LinearEpilogue =
      switch epilogue {
      case .bias: .bias
      case .gelu: .biasGELU
      case .residualSeparate: .biasResidual(source.residual.lastRows(rows))
      case .residualInPlace: .biasResidual(out)
      }
    try withExtendedLifetime(self) {
      let rowBytes = ActivationScratch.bytesPerRow(columns: source.depth, kernels)
      let bytes = try AlignedBuffer<UInt8>(count: rows * rowBytes)
      let scales = try AlignedBuffer<RowScale>(uninitialized: rows)
      let panel = try AlignedBuffer<Float>(count: source.depth * kernels.table.products.panelWidth)
      var worker = Worker.alone()
      linear.apply(
        to: source.x.lastRows(rows), columns: columns, epilogue: how, into: out, kernels,
        ActivationScratch(bytes: bytes.pointer, scales: scales.pointer, panel: panel.pointer),
        &worker)
    }
  }
}

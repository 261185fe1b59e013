import SwiftletKernelCore
import SwiftletKernels
import SwiftletMemory
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

  /// False where no library is installed; the tests of CBLAS are skipped there, and say so.
  static let hasBLAS = (try? BLAS.shared.get()) != nil

  static func paths(_ backend: GEMMBackend) -> [LinearPath] {
    Kernels.available.map { LinearPath(instructionSet: $0.name, backend: backend) }
  }
}

struct LinearTests {
  @Test(arguments: LinearPath.paths(.native), Ending.allCases)
  func `a layer on native kernels equals the exact one`(path: LinearPath, ending: Ending) throws {
    try checkLayers(path, ending)
  }

  @Test(.enabled(if: LinearPath.hasBLAS), arguments: LinearPath.paths(.cblas), Ending.allCases)
  func `a layer on CBLAS equals the exact one`(path: LinearPath, ending: Ending) throws {
    #expect(try path.kernels().blas != nil)
    try checkLayers(path, ending)
  }

  private func checkLayers(_ path: LinearPath, _ ending: Ending) throws {
    let kernels = try path.kernels()
    var worst = WorstError()
    for linear in try ProductCase.all.get() {
      let storage = WeightStorage()
      let layer = linear.layer(in: storage, for: kernels)
      #expect(layer.inputs == linear.depth && layer.outputs == linear.outputs)
      for rows in [1, 2, 5, 12, 25] {
        let out = try linear.output(rows: rows, ending)
        let place = "\(rows) x \(linear.depth) x \(linear.outputs)"
        linear.apply(layer, rows: rows, ending, into: out.view, kernels)
        linear.check(out.view, ending, &worst, place)
        #expect(out.isIntactOutside, "\(place)")
      }
    }
    worst.check()
  }

  @Test(arguments: LinearPath.all, Ending.allCases)
  func `a range of columns equals those of the whole product, and writes none behind it`(
    path: LinearPath, ending: Ending
  ) throws {
    let kernels = try path.kernels()
    for outputs in [64, 100] {
      let linear = try ProductCase(rows: 6, depth: 17, outputs: outputs)
      let storage = WeightStorage()
      let layer = linear.layer(in: storage, for: kernels)
      let whole = try linear.output(rows: 6, ending)
      linear.apply(layer, rows: 6, ending, into: whole.view, kernels)
      for columns in [0..<1, 0..<33, 5..<6, 31..<64, 33..<40, 60..<64, 0..<outputs, 7..<7] {
        let out = try linear.output(rows: 6, ending)
        let before = out.view.bits
        linear.apply(layer, rows: 6, columns: columns, ending, into: out.view, kernels)
        for row in 0..<6 {
          let found = out.view.bits(ofRow: row)
          #expect(found[columns] == whole.view.bits(ofRow: row)[columns], "\(columns)")
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
    let storage = WeightStorage()
    let layer = linear.layer(in: storage, for: kernels)
    let out = try GuardedMatrix(rows: 1, columns: 7)
    let before = out.view.bits
    layer.apply(to: linear.x.view.rows(0..<0), into: out.view, kernels)
    #expect(out.view.bits == before)
  }

  @Test
  func `storage knows its size, and what fills a layer may fail`() throws {
    let kernels = try Kernels(instructionSet: "baseline", backend: .native)
    let storage = WeightStorage()
    _ = storage.allocate(10)
    #expect(storage.byteCount == 40)
    #expect(throws: Refusal.self) {
      _ = try storage.linear(inputs: 3, outputs: 2, for: kernels) { (_, _) throws(Refusal) in
        throw Refusal()
      }
    }
  }

  private struct Refusal: Error {}
}

extension ProductCase {
  fileprivate func layer(in storage: WeightStorage, for kernels: Kernels) -> Linear {
    storage.linear(inputs: depth, outputs: outputs, for: kernels) { rows, bias in
      for row in 0..<outputs {
        rows.row(row).update(from: w.view.row(row), count: depth)
        bias[row] = self.bias.view.pointer[row]
      }
    }
  }

  fileprivate func apply(
    _ layer: Linear, rows: Int, columns: Range<Int>? = nil, _ ending: Ending,
    into out: Matrix<Float>, _ kernels: Kernels
  ) {
    let how: LinearEnding =
      switch ending {
      case .bias: .bias
      case .gelu: .biasGELU
      case .residualApart: .biasResidual(residual.lastRows(rows))
      case .residualInPlace: .biasResidual(out)
      }
    layer.apply(to: x.lastRows(rows), columns: columns, ending: how, into: out, kernels)
  }
}

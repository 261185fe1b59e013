import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct AttentionGradientTests {
  @Test(arguments: Kernels.available, sizes)
  func `attention with dropout equals the exact one within rounding and writes nothing else`(
    table: KernelTable, size: Int
  ) throws {
    var worst = WorstError()
    for heads in try Self.heads.get() where heads.size == size {
      let out = try heads.attend(table, dropout: heads.dropout)
      for row in 0..<heads.queries {
        for column in 0..<size {
          worst.add(
            out.view.row(row)[column], expected: heads.output[row, column],
            tolerance: heads.outputTolerance,
            at: "[\(row), \(column)] of \(heads.queries) queries, \(heads.length) keys")
        }
      }
      #expect(out.isIntactOutside)
    }
    worst.check()
  }

  @Test(arguments: Kernels.available, sizes)
  func `gradients of attention equal the exact ones within rounding and write nothing else`(
    table: KernelTable, size: Int
  ) throws {
    var worst = WorstError()
    for heads in try Self.heads.get() where heads.size == size {
      let found = try heads.backward(table, dropout: heads.dropout)
      let (values, bounds) = heads.gradients
      let place = "\(heads.queries) queries, \(heads.length) keys, \(heads.dropout?.scale ?? 1)"
      Self.compare(found.query, values.query, bounds.query, &worst, "query, \(place)")
      Self.compare(found.key, values.key, bounds.key, &worst, "key, \(place)")
      Self.compare(found.value, values.value, bounds.value, &worst, "value, \(place)")
      #expect(found.all.allSatisfy { $0.isIntactOutside })
    }
    worst.check()
  }

  private static let sizes = [7, 8, 12, 32, 64]

  /// Long sequences take several blocks of queries.
  private static let heads = Result {
    try sizes.flatMap { size in
      try [1, 2, 7, 13, 33, 64, 129, 200].flatMap { length in
        try [nil, 0.3].flatMap { probability in
          try Set([1, length]).sorted().map { queries in
            try AttentionGradientCase(
              length: length, size: size, queries: queries, probability: probability)
          }
        }
      }
    }
  }

  private static let long = Result {
    try AttentionGradientCase(length: 200, size: 12, queries: 200, probability: 0.3)
  }

  private static func compare(
    _ found: GuardedMatrix, _ expected: ExactMatrix, _ bounds: ExactMatrix,
    _ worst: inout WorstError, _ place: String
  ) {
    for row in 0..<expected.rows {
      for column in 0..<expected.columns {
        worst.add(
          found.view.row(row)[column], expected: expected[row, column],
          tolerance: bounds[row, 0], at: "[\(row), \(column)] of \(place)")
      }
    }
  }

  @Test(arguments: Kernels.available, [8, 16, 24, 26, 32, 64])
  func `the scratch for a length is enough for every shorter one`(table: KernelTable, size: Int) {
    let counts = [table.attention.scratchCount, table.attention.backwardScratchCount]
    for count in counts + [table.bfloat16?.attentionScratchCount].compactMap({ $0 }) {
      let floats = (1...2048).map { count($0, size) }
      #expect(floats == floats.sorted())
    }
  }

  @Test(arguments: [nil, 0.4])
  func `the reference's gradients are its finite differences`(probability: Double?) {
    var random = SplitMix64(seed: 7)
    let matrix = { (rows: Int) in
      ExactMatrix(rows: rows, columns: 3) { _, _ in Double(random.unit()) }
    }
    let dropout = probability.map { Dropout(probability: $0, key: 1) }
    let exact = ExactAttention(
      query: matrix(4), key: matrix(6), value: matrix(6), scale: 0.6,
      factors: AttentionGradientCase.factors([1, 2, 3, 4], columns: 6, dropout))
    let gradient = matrix(4)
    let loss = { (attention: ExactAttention) in
      let output = attention.output(attention.probabilities)
      return zip(output.values, gradient.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let probabilities = exact.probabilities
    let gradients = exact.gradients(probabilities, exact.output(probabilities), of: gradient).values
    let inputs: [WritableKeyPath<ExactAttention, ExactMatrix>] = [\.query, \.key, \.value]
    for (input, expected) in zip(inputs, [gradients.query, gradients.key, gradients.value]) {
      for index in expected.values.indices {
        let step = 1e-5
        var (above, below) = (exact, exact)
        above[keyPath: input].values[index] += step
        below[keyPath: input].values[index] -= step
        let difference = (loss(above) - loss(below)) / (2 * step)
        #expect(abs(difference - expected.values[index]) < 1e-9)
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `dropout with probability 0 has the bits of no dropout`(table: KernelTable) throws {
    let none = Dropout(probability: 0, key: 9)
    for (length, size) in [(1, 8), (13, 64), (33, 12), (200, 32)] {
      let heads = try AttentionGradientCase(
        length: length, size: size, queries: length, probability: nil)
      let outputs = try [none, nil].map { try heads.attend(table, dropout: $0).bits }
      #expect(outputs[0] == outputs[1])
      let gradients = try [none, nil].map { try heads.backward(table, dropout: $0).all.map(\.bits) }
      #expect(gradients[0] == gradients[1])
    }
  }

  @Test(arguments: Kernels.available, [0, 1, 5, 150])
  func `queries that are not passed count as zero gradients`(
    table: KernelTable, queries: Int
  ) throws {
    let heads = try Self.long.get()
    let few = try heads.backward(table, dropout: heads.dropout, firstQueries: queries)
    let all = try heads.backward(table, dropout: heads.dropout, firstQueries: queries, others: true)
    for row in 0..<200 {
      for column in 0..<12 {
        // Also where zeros differ in sign.
        #expect(few.key.view.row(row)[column] == all.key.view.row(row)[column])
        #expect(few.value.view.row(row)[column] == all.value.view.row(row)[column])
      }
    }
    #expect(few.query.bits == Array(all.query.bits.prefix(queries)))
  }

  @Test(arguments: Kernels.available)
  func `scores of hundreds have finite gradients`(table: KernelTable) throws {
    for spread in [20, 100, 1e4] as [Float] {
      let heads = try AttentionGradientCase(
        length: 33, size: 32, queries: 33, probability: 0.3, spread: spread)
      let found = try heads.backward(table, dropout: heads.dropout)
      for gradient in found.all {
        for row in 0..<33 {
          for column in 0..<32 { #expect(gradient.view.row(row)[column].isFinite) }
        }
      }
    }
  }
}

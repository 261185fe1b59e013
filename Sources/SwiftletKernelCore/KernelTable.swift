/// Every kernel of one instruction set. Chosen once at start, called a whole tensor at a time.
package struct KernelTable: Sendable {
  package let name: String
  package let products: ProductKernels
  package let attention: AttentionKernels
  package let rows: RowKernels
  package let training: TrainingKernels
  /// nil where the instruction set has no products of bfloat16.
  package let bfloat16: BFloat16Kernels?

  package init(
    name: String, products: ProductKernels, attention: AttentionKernels, rows: RowKernels,
    training: TrainingKernels, bfloat16: BFloat16Kernels? = nil
  ) {
    self.name = name
    self.products = products
    self.attention = attention
    self.rows = rows
    self.training = training
    self.bfloat16 = bfloat16
  }

  /// The instruction set `name`, which has bfloat16 and otherwise these kernels.
  package func adding(_ bfloat16: BFloat16Kernels, name: String) -> KernelTable {
    KernelTable(
      name: name, products: products, attention: attention, rows: rows, training: training,
      bfloat16: bfloat16)
  }
}

/// Every kernel of one instruction set. Chosen once at start, called a whole tensor at a time.
package struct KernelTable: Sendable {
  package let name: String
  package let products: ProductKernels
  package let attention: AttentionKernels
  package let rows: RowKernels
  package let training: TrainingKernels

  package init(
    name: String, products: ProductKernels, attention: AttentionKernels, rows: RowKernels,
    training: TrainingKernels
  ) {
    self.name = name
    self.products = products
    self.attention = attention
    self.rows = rows
    self.training = training
  }
}

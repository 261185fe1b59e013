/// Which rows of the last layer a head reads.
package enum OutputRows: Sendable {
  /// Row i of the result is token i of the batch.
  case allTokens
  /// Row i of the result is the first token of sequence i. The last layer computes only the keys and
  /// values of the other tokens: the same bits for a fraction of the work.
  case firstTokens
}

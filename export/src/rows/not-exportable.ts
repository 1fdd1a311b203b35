/** The rows cannot be exported as asked: the message says how they can. Its `code` survives a thread's end. */
export class NotExportableError extends Error {
  readonly code = "not_exportable";
}

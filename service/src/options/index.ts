/** The options that commands of several rooms have, each declared once, and readers of what options say. */
export {
  type DatabaseFlags,
  databaseUrlFileOption,
  databaseUrlForm,
  databaseUrlOption,
  dataDirOption,
  namedDatabase,
} from "./data.ts";
export { hubUrlOption, type TokenFlags, tokenFileOption, tokenOf, tokenOption } from "./hub.ts";
export {
  logFormatOption,
  logLevelOption,
  type ServiceConfig,
  statusHostOption,
  statusPortOption,
} from "./service.ts";
export {
  commaSeparated,
  days,
  folder,
  moment,
  names,
  positiveNumber,
  readBy,
  requireSpan,
  textIn,
  urlOf,
  wholeNumber,
  yesOrNo,
} from "./values.ts";

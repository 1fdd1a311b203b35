/** Where the hub is, and what proves a client to it: the options of relays and brain workers. */
import { Option } from "@commander-js/extra-typings";
import { textIn, urlOf } from "./values.ts";

export const hubUrlOption = () =>
  new Option("--hub-url <url>", "where the hub listens")
    .env("HUB_URL")
    .default("http://127.0.0.1:3000")
    .argParser(urlOf("http", "https", "ws", "wss"));

export const tokenOption = () =>
  new Option("--token <token>", "proves who this is; needed unless the hub allows anonymous clients").env("HUB_TOKEN");

export const tokenFileOption = () =>
  new Option("--token-file <file>", "holds the token, where none is given").env("HUB_TOKEN_FILE").argParser(textIn);

/** What these options say. */
export interface TokenFlags {
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/** The token that was given; an empty variable, as in an env file, gives none. */
export const tokenOf = ({ token, tokenFile }: TokenFlags): string | undefined => token || tokenFile;

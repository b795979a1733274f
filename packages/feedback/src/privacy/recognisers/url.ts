/** @file Secrets within URLs: `user:password@` before the host, tokens and signatures in the query. The rest of the URL stays. */
import { listed } from '../context.ts';
import type { Recogniser } from '../recogniser.ts';
import { characterEntropy, isPlaceholder } from './secret-strength.ts';

const parameters = listed(`
  access_token, refresh_token, id_token, auth_token, session_token, token, api_key, api-key, apikey,
  key, client_secret, secret, password, passwd, pwd, pass, sig, signature, jwt, auth, sessionid,
  session, sid, code, X-Amz-Signature, X-Amz-Credential, X-Amz-Security-Token, X-Goog-Signature
`).join('|');

export const urlRecogniser: Recogniser = {
  name: 'url-credentials',
  version: '1',
  type: 'URL_CREDENTIALS',
  mayOccur: ({ holds }) => holds('://') || (holds('=') && (holds('?') || holds('&'))),
  patterns: [
    {
      regex: /:\/\/(?<value>[^\s/?#@:"'<>\u007f]{0,128}:[^\s/?@"'<>\u007f]{1,256})@/dg,
      score: 0.95,
      accepts: (value) => {
        const password = value.slice(value.indexOf(':') + 1);
        return !isPlaceholder(password) && !/^(?:pass|pwd|pw|port|\d{1,5})$/i.test(password);
      },
    },
    {
      regex: new RegExp(`[?&;](?:${parameters})=(?<value>[^\\s?&;#"'<>()\\u007f]{8,2048})`, 'dgi'),
      score: 0.85,
      accepts: (value) => {
        if (isPlaceholder(value)) return false;
        const isMixed = /[A-Za-z]/.test(value) && /\d/.test(value);
        return isMixed ? characterEntropy(value) > 2.5 : value.length >= 16 && characterEntropy(value) > 3.5;
      },
    },
  ],
};

/** @file The public surface of `@plaudit/store`. */
export {};

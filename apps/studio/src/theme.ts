/** @file Colours and type of the studio: text has a contrast of at least 4.5 to 1 in light and in dark. */
import { type CSSVariablesResolver, createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Code", Menlo, Consolas, monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '650' },
  components: {
    Alert: { styles: { title: { color: 'var(--mantine-color-text)' } } },
    Modal: {
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        // The page has a banner already; that of a dialog is named by its title.
        attributes: { header: { role: 'none' } },
      },
    },
  },
});

/** Mantine's own secondary text is too pale on both grounds. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#4f5963',
    '--mantine-color-placeholder': '#5f6b76',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-anchor': '#364fc7',
  },
  dark: {
    '--mantine-color-dimmed': '#b4b9c0',
    '--mantine-color-placeholder': '#a3a9b1',
    '--mantine-color-error': '#ffa8a8',
    '--mantine-color-anchor': '#91a7ff',
  },
});

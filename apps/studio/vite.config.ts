/** @file How the studio is built: one page, its assets named after their content, workspace packages from their sources. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: { target: 'es2023', chunkSizeWarningLimit: 900 },
  server: { proxy: { '/v1': 'http://localhost:7788' } },
});

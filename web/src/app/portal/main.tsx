import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClientProvider } from '@tanstack/react-query'
import { BrowserRouter } from 'react-router'
import { newQueryClient, session } from '@/api'
import { applyDisplay, readDisplay } from '@/ui'
import { Boundary } from '@/ui/Boundary'
import '@/ui/base.css'
import './shell.css'
import { begin, needsMe } from './routes'
import { Portal } from './Portal'

applyDisplay(readDisplay())

const queries = newQueryClient()
// What the page will need is asked for before React has drawn anything: the page's own script and who is signed in.
begin(location.pathname)
if (needsMe(location.pathname)) void queries.prefetchQuery({ queryKey: ['me'], queryFn: session.me })

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Boundary>
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <Portal />
        </BrowserRouter>
      </QueryClientProvider>
    </Boundary>
  </StrictMode>,
)

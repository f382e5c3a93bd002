import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClientProvider } from '@tanstack/react-query'
import { App, ConfigProvider } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import { BrowserRouter, Route, Routes } from 'react-router'
import { newQueryClient } from '@/api'
import { applyDisplay, readDisplay, Waiting } from '@/ui'
import { antdTheme } from '@/ui/theme'
import '@/ui/base.css'
import '@/ui/desk/desk.css'
import { routes, SignIn } from './routes'
import { Shell } from './Shell'

const display = readDisplay()
applyDisplay(display)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ConfigProvider locale={zhCN} theme={antdTheme(display)} button={{ autoInsertSpace: false }}>
      <App>
        <QueryClientProvider client={newQueryClient()}>
          <BrowserRouter>
            <Suspense fallback={<Waiting />}>
              <Routes>
                <Route path="/desk/sign-in" element={<SignIn />} />
                <Route element={<Shell />}>
                  {routes.map((r) => (
                    <Route key={r.path} path={r.path} element={<r.page />} />
                  ))}
                </Route>
              </Routes>
            </Suspense>
          </BrowserRouter>
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  </StrictMode>,
)

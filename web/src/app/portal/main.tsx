import '@/ui/base.css'
